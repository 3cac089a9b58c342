"""Tells as JSON which arguments a Python script takes by argparse. The script is parsed and never run, imported or compiled.

Usage: python3 -I -S -B read_argparse.py SCRIPT

Prints {"error": sentence}, or {"parsers": [...], "arguments": [...], "subparsers": [...], "exclusive": [...], "notes": [[line, sentence]]}.
A value that is not a literal is told as {"computed": source}. Works with Python 3.7 and later.
"""

import ast
import json
import sys

MOST_BYTES = 2 * 1024 * 1024
MOST_ARGUMENTS = 2000
MOST_TEXT = 8000
MOST_ITEMS = 1000
LIMITS = {"cpu": 10, "memory": 1 << 30}


class Computed(Exception):
    """The value is known only to whoever runs the script."""


class Special:
    """SUPPRESS, stdin and stdout of argparse and sys."""

    def __init__(self, name):
        self.name = name


class Literals:
    """Values that stand in the source, with constants that are set once."""

    def __init__(self, tree, source):
        self.source = source
        self.constants = {}
        twice = set()
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)) else []
            for target in targets:
                for name in ast.walk(target):
                    if not isinstance(name, ast.Name):
                        continue
                    if name.id in self.constants or not isinstance(node, (ast.Assign, ast.AnnAssign)) or name is not target:
                        twice.add(name.id)
                    self.constants[name.id] = getattr(node, "value", None)
        for name in twice:
            self.constants.pop(name, None)

    def read(self, node, depth=0):
        if node is None or depth > 30:
            raise Computed
        if isinstance(node, ast.Constant):
            return self.constant(node.value)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            if len(node.elts) > MOST_ITEMS:
                raise Computed
            return [self.read(one, depth + 1) for one in node.elts]
        if isinstance(node, ast.Dict):
            return [self.read(one, depth + 1) for one in node.keys]
        if isinstance(node, ast.Name):
            return self.read(self.constants.get(node.id), depth + 1)
        if isinstance(node, ast.UnaryOp):
            return self.signed(node, depth)
        if isinstance(node, ast.BinOp):
            return self.sum(node, depth)
        if isinstance(node, ast.JoinedStr):
            return "".join(str(self.read(one.value if isinstance(one, ast.FormattedValue) else one, depth + 1)) for one in node.values)[:MOST_TEXT]
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        raise Computed

    def constant(self, value):
        if isinstance(value, str):
            return value[:MOST_TEXT]
        if value is None or isinstance(value, (bool, float)):
            return value
        # Larger whole numbers lose digits in JSON.
        if isinstance(value, int) and abs(value) <= 2**53:
            return value
        raise Computed

    def signed(self, node, depth):
        value = self.read(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return not value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Computed
        if isinstance(node.op, ast.USub):
            return -value
        if isinstance(node.op, ast.UAdd):
            return value
        raise Computed

    def sum(self, node, depth):
        left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
        if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, (str, list)):
            return (left + right)[: MOST_TEXT if isinstance(left, str) else MOST_ITEMS]
        if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in (left, right)):
            raise Computed
        try:
            if isinstance(node.op, ast.Add):
                return self.constant(left + right)
            if isinstance(node.op, ast.Sub):
                return self.constant(left - right)
            if isinstance(node.op, ast.Mult):
                return self.constant(left * right)
            if isinstance(node.op, ast.Div):
                return self.constant(left / right)
            if isinstance(node.op, ast.Pow) and abs(right) <= 64 and abs(left) <= 1024:
                return self.constant(left**right)
        except (ArithmeticError, ValueError):
            pass
        raise Computed

    def attribute(self, node):
        if node.attr == "SUPPRESS":
            return Special("suppress")
        if node.attr in ("stdin", "stdout", "stderr"):
            return Special(node.attr)
        raise Computed

    def call(self, node, depth):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if node.keywords:
            raise Computed
        if name in ("list", "tuple", "sorted", "set") and len(node.args) == 1:
            value = self.read(node.args[0], depth + 1)
            if isinstance(value, list):
                return sorted(value, key=str) if name == "sorted" else value
        if name == "keys" and not node.args:
            return self.read(node.func.value, depth + 1)
        if name == "range" and 1 <= len(node.args) <= 3:
            ends = [self.read(one, depth + 1) for one in node.args]
            if all(isinstance(one, int) and not isinstance(one, bool) for one in ends) and (len(ends) < 3 or ends[2] != 0):
                numbers = range(*ends)
                if len(numbers) <= MOST_ITEMS:
                    return list(numbers)
        raise Computed

    def value(self, node):
        """As JSON, with what is not known as its source."""
        try:
            value = self.read(node)
        except (Computed, RecursionError):
            return {"computed": self.text(node)}
        return {"special": value.name} if isinstance(value, Special) else {"value": plain(value)}

    def text(self, node):
        segment = getattr(ast, "get_source_segment", lambda *_: None)(self.source, node)
        return " ".join((segment or "?").split())[:200]


def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Special):
        return None
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


class Reader(ast.NodeVisitor):
    """Walks the script in its order and keeps who made whom: parsers, groups, exclusive groups, subcommands."""

    def __init__(self, literals):
        self.literals = literals
        self.told = {"parsers": [], "arguments": [], "subparsers": [], "exclusive": [], "groups": [], "notes": []}
        # What a variable, or an attribute such as self.parser, stands for; one map for each function.
        self.scopes = [{}]
        self.loops = 0
        self.classes = set()
        # Arguments of parsers that nobody has seen made when they were met.
        self.orphans = []

    def read(self, tree):
        self.visit(tree)
        mains = [one for one in self.told["parsers"] if one["command"] is None and not one.get("parent")]
        for node in self.orphans:
            if mains:
                self.on_add_argument(node, {"parser": mains[0]["id"], "group": None, "exclusive": None, "guessed": True})
            else:
                self.note(node, "An argument of something that is not known: " + self.literals.text(node))
        return self.told

    def visit_ClassDef(self, node):
        if any(self.name_of(base).endswith("ArgumentParser") for base in node.bases):
            self.classes.add(node.name)
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        self.scopes.append({})
        self.generic_visit(node)
        self.scopes.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_For(self, node):
        self.loops += 1
        self.generic_visit(node)
        self.loops -= 1

    visit_While = visit_For

    def visit_Assign(self, node):
        made = self.make(node.value)
        if made is None:
            self.generic_visit(node)
            return
        for target in node.targets:
            self.keep(target, made)

    def visit_AnnAssign(self, node):
        made = self.make(node.value) if node.value is not None else None
        if made is None:
            self.generic_visit(node)
        else:
            self.keep(node.target, made)

    def visit_With(self, node):
        for item in node.items:
            made = self.make(item.context_expr)
            if made is not None and item.optional_vars is not None:
                self.keep(item.optional_vars, made)
        for inner in node.body:
            self.visit(inner)

    def visit_Call(self, node):
        if self.make(node) is None:
            self.generic_visit(node)

    def keep(self, target, made):
        name = self.name_of(target)
        if name:
            # An attribute is known in every function.
            self.scopes[0 if "." in name else -1][name] = made

    def find(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def name_of(self, node):
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            before = self.name_of(node.value)
            return before + "." + node.attr if before else node.attr
        return ""

    def note(self, node, sentence):
        if len(self.told["notes"]) < MOST_ITEMS:
            self.told["notes"].append([getattr(node, "lineno", 0), sentence])

    def keywords(self, node):
        for keyword in node.keywords:
            if keyword.arg is None:
                self.note(node, "**" + self.literals.text(keyword.value) + " is only known when the script runs.")
        return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}

    def make(self, node):
        """What a call makes: {"parser", "group", "exclusive"} or {"subparsers"}; None for all else."""
        if not isinstance(node, ast.Call):
            return self.find(self.name_of(node)) if isinstance(node, (ast.Name, ast.Attribute)) else None
        name = self.name_of(node.func).split(".")[-1]
        if name.endswith("ArgumentParser") or name in self.classes:
            return self.parser(node, None)
        if not isinstance(node.func, ast.Attribute):
            return None
        action = getattr(self, "on_" + name, None)
        return action(node, self.owner(node)) if action is not None else None

    def owner(self, node):
        made = self.make(node.func.value)
        if made is not None:
            return made
        # In a function that is given the parser.
        mains = [one for one in self.told["parsers"] if one["command"] is None]
        return {"parser": mains[0]["id"], "group": None, "exclusive": None, "guessed": True} if mains else None

    def parser(self, node, command):
        known = self.keywords(node)
        one = {"id": len(self.told["parsers"]), "command": command, "line": node.lineno}
        for key in ("prog", "description", "epilog", "usage", "prefix_chars", "fromfile_prefix_chars", "help", "argument_default"):
            if key in known:
                one[key] = self.literals.value(known[key])
        if command is None and node.args:
            one["prog"] = self.literals.value(node.args[0])
        self.told["parsers"].append(one)
        made = {"parser": one["id"], "group": None, "exclusive": None}
        parents = known.get("parents")
        for parent in parents.elts if isinstance(parents, (ast.List, ast.Tuple)) else []:
            other = self.make(parent)
            if other is None or "parser" not in other:
                self.note(parent, "The parent " + self.literals.text(parent) + " is not known.")
                continue
            self.told["parsers"][other["parser"]]["parent"] = True
            for argument in [one for one in self.told["arguments"] if one["parser"] == other["parser"]]:
                self.told["arguments"].append(dict(argument, parser=made["parser"]))
        return made

    def on_add_argument_group(self, node, owner):
        if owner is None or "parser" not in owner:
            return None
        known = self.keywords(node)
        title = node.args[0] if node.args else known.get("title")
        about = node.args[1] if len(node.args) > 1 else known.get("description")
        named = self.literals.value(title) if title is not None else None
        if about is not None:
            said = self.literals.value(about)
            if isinstance((named or {}).get("value"), str) and isinstance(said.get("value"), str):
                self.told["groups"].append({"title": named["value"], "description": said["value"]})
            elif said.get("value", "") is not None:
                self.note(node, "The description of a group: " + self.literals.text(about))
        return dict(owner, group=named)

    def on_add_mutually_exclusive_group(self, node, owner):
        if owner is None or "parser" not in owner:
            return None
        required = self.literals.value(self.keywords(node).get("required", ast.Constant(value=False)))
        self.told["exclusive"].append({"id": len(self.told["exclusive"]), "required": required.get("value") is True})
        return dict(owner, exclusive=len(self.told["exclusive"]) - 1)

    def on_add_subparsers(self, node, owner):
        if owner is None or "parser" not in owner:
            return None
        known = self.keywords(node)
        one = {"id": len(self.told["subparsers"]), "parser": owner["parser"], "commands": [], "line": node.lineno}
        for key in ("dest", "required", "title", "help", "description", "metavar"):
            if key in known:
                one[key] = self.literals.value(known[key])
        self.told["subparsers"].append(one)
        return {"subparsers": one["id"]}

    def on_add_parser(self, node, owner):
        if owner is None or "subparsers" not in owner:
            return None
        name = self.literals.value(node.args[0]) if node.args else {}
        if not isinstance(name.get("value"), str):
            self.note(node, "A subcommand whose name is only known when the script runs.")
            name = {"value": "?"}
        if any(keyword.arg == "aliases" for keyword in node.keywords):
            self.note(node, "aliases of a subcommand: the form chooses it by its first name.")
        made = self.parser(node, name["value"])
        self.told["subparsers"][owner["subparsers"]]["commands"].append({"name": name["value"], "parser": made["parser"]})
        return made

    def on_set_defaults(self, node, owner):
        if owner is None or "parser" not in owner:
            return None
        defaults = self.told["parsers"][owner["parser"]].setdefault("defaults", [])
        for key, value in self.keywords(node).items():
            defaults.append([key, self.literals.value(value)])
        return owner

    def on_parse_known_args(self, node, owner):
        self.note(node, "parse_known_args: arguments that the script does not name cannot be entered.")
        return None

    def on_add_argument(self, node, owner):
        if owner is None or "parser" not in owner:
            self.orphans.append(node)
            return None
        if len(self.told["arguments"]) >= MOST_ARGUMENTS:
            return owner
        flags = [self.literals.value(one) for one in node.args]
        if self.loops or not flags or not all(isinstance(one.get("value"), str) for one in flags):
            self.note(node, "An argument that is only known when the script runs: " + self.literals.text(node))
            return owner
        known = self.keywords(node)
        one = {"parser": owner["parser"], "group": owner["group"], "exclusive": owner["exclusive"], "line": node.lineno}
        one["flags"] = [flag["value"] for flag in flags]
        one["guessed"] = bool(owner.get("guessed"))
        one["type"] = self.type_of(known.get("type"))
        one["action"] = self.action_of(known.get("action"))
        for key in ("default", "choices", "nargs", "required", "help", "metavar", "dest", "const", "version"):
            if key in known:
                one[key] = self.literals.value(known[key])
        if isinstance(known.get("nargs"), ast.Attribute):
            one["nargs"] = {"value": {"OPTIONAL": "?", "ZERO_OR_MORE": "*", "ONE_OR_MORE": "+", "REMAINDER": "..."}.get(known["nargs"].attr, "?")}
        self.told["arguments"].append(one)
        return owner

    def type_of(self, node):
        if node is None:
            return {"name": "str"}
        name = self.name_of(node.func if isinstance(node, ast.Call) else node).split(".")[-1]
        if name == "FileType":
            mode = self.literals.value(node.args[0]) if isinstance(node, ast.Call) and node.args else {"value": "r"}
            return {"name": "file", "mode": mode.get("value")}
        if name in ("int", "float", "str", "bool", "Path", "open") and not isinstance(node, ast.Call):
            return {"name": name}
        return {"name": "other", "source": self.literals.text(node)}

    def action_of(self, node):
        if node is None:
            return {"name": "store"}
        value = self.literals.value(node)
        if isinstance(value.get("value"), str):
            return {"name": value["value"]}
        name = self.name_of(node).split(".")[-1]
        return {"name": name if name == "BooleanOptionalAction" else "other", "source": self.literals.text(node)}


def limit():
    """What a script could ask for that was made to exhaust whoever reads it."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (LIMITS["cpu"], LIMITS["cpu"]))
        resource.setrlimit(resource.RLIMIT_AS, (LIMITS["memory"], LIMITS["memory"]))
    except (ImportError, OSError, ValueError):
        pass


def main():
    limit()
    with open(sys.argv[1], "rb") as script:
        content = script.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return {"error": "It is larger than 2 MiB."}
    try:
        tree = ast.parse(content)
        return Reader(Literals(tree, content.decode("utf-8", "replace"))).read(tree)
    except SyntaxError as error:
        return {"error": "Line %s is no Python that this Python (%d.%d) understands: %s" % (error.lineno, sys.version_info[0], sys.version_info[1], error.msg)}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"error": "It cannot be parsed: %s" % (str(error) or type(error).__name__)}


json.dump(main(), sys.stdout)
