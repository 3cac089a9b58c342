"""Tells as JSON which arguments a Python script takes by argparse. The script is parsed and never run, imported or compiled.

Usage: python3 -I -S -B read_argparse.py SCRIPT

Prints {"error": sentence}, or {"parsers": [...], "arguments": [...], "subparsers": [...], "exclusive": [...], "notes": [[line, sentence]]}.
A value that is not a literal is told as {"computed": source}. Works with Python 3.7 and later.
"""

import ast
import io
import json
import re
import sys
import tokenize

MOST_BYTES = 2 * 1024 * 1024
MOST_ARGUMENTS = 2000
MOST_TEXT = 8000
MOST_ITEMS = 1000
# How often functions are followed and how deep, and how many turns of loops are looked at.
MOST_CALLS = 300
MOST_DEPTH = 40
MOST_TURNS = 2000
MOST_TURNS_OF_ONE = 100
LIMITS = {"cpu": 10, "memory": 1 << 30}


# Names that argparse has for counts of values.
COUNTS = {"OPTIONAL": "?", "ZERO_OR_MORE": "*", "ONE_OR_MORE": "+", "REMAINDER": "..."}


class Computed(Exception):
    """The value is known only to whoever runs the script."""


class Special:
    """SUPPRESS, stdin and stdout of argparse and sys."""

    def __init__(self, name):
        self.name = name


class Literals:
    """Values that stand in the source, with constants that are set once."""

    def __init__(self, tree, source):
        # As ast counts: lines and bytes of UTF-8.
        self.lines = source.encode("utf-8", "replace").splitlines(True)
        self.constants = {}
        # What variables of loops and arguments of functions stand for just now: nodes, or None where that is not known.
        self.bound = {}
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
        if "__doc__" not in self.constants and isinstance(tree, ast.Module):
            self.constants["__doc__"] = ast.Constant(value=ast.get_docstring(tree))

    def resolve(self, node):
        """What a name stands for, as far as that is known."""
        for _ in range(30):
            if not isinstance(node, ast.Name) or (node.id not in self.bound and node.id not in self.constants):
                return node
            node = self.bound[node.id] if node.id in self.bound else self.constants[node.id]
        return node

    def items(self, node):
        """The nodes that a loop goes through; None where they are not known."""
        node = self.resolve(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return list(node.elts)
        if isinstance(node, ast.Dict):
            return list(node.keys)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [ast.Constant(value=one) for one in node.value]
        if not isinstance(node, ast.Call) or node.keywords:
            return None
        if isinstance(node.func, ast.Attribute) and not node.args:
            whole = self.resolve(node.func.value)
            if isinstance(whole, ast.Dict) and node.func.attr in ("items", "keys", "values"):
                pairs = [ast.Tuple(elts=list(pair), ctx=ast.Load()) for pair in zip(whole.keys, whole.values)]
                return {"items": pairs, "keys": whole.keys, "values": whole.values}[node.func.attr]
        if isinstance(node.func, ast.Name) and node.func.id == "enumerate" and len(node.args) == 1:
            inner = self.items(node.args[0])
            return inner and [ast.Tuple(elts=[ast.Constant(value=at), one], ctx=ast.Load()) for at, one in enumerate(inner)]
        try:
            value = self.read(node)
        except (Computed, RecursionError):
            return None
        return [ast.Constant(value=one) for one in value] if isinstance(value, list) else None

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
            return self.read(self.bound[node.id] if node.id in self.bound else self.constants.get(node.id), depth + 1)
        if isinstance(node, ast.UnaryOp):
            return self.signed(node, depth)
        if isinstance(node, ast.BinOp):
            return self.sum(node, depth)
        if isinstance(node, ast.JoinedStr):
            return "".join(self.part(one, depth) for one in node.values)[:MOST_TEXT]
        if isinstance(node, ast.Subscript):
            return self.read(self.element(node, depth), depth + 1)
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        raise Computed

    def element(self, node, depth):
        """The node that `whole[key]` means."""
        whole = self.resolve(node.value)
        key = self.read(getattr(node.slice, "value", node.slice) if type(node.slice).__name__ == "Index" else node.slice, depth + 1)
        if isinstance(whole, ast.Dict):
            pairs = zip(whole.keys, whole.values)
        else:
            nodes = list(whole.elts) if isinstance(whole, (ast.List, ast.Tuple)) else []
            pairs = zip([ast.Constant(value=at) for at in range(len(nodes))], nodes)
        for one, value in pairs:
            if one is not None and self.read(one, depth + 1) == key:
                return value
        raise Computed

    def part(self, node, depth):
        """A piece of an f-string; what it does to the look of a value is not followed."""
        if not isinstance(node, ast.FormattedValue):
            return str(self.read(node, depth + 1))
        if node.format_spec is not None or node.conversion != -1:
            raise Computed
        return self.shown(self.read(node.value, depth + 1))

    def shown(self, value):
        if isinstance(value, (list, Special)):
            raise Computed
        return str(value)

    def formatted(self, text, values, sign):
        """`"%s" % x` and `"{}".format(x)`: only the plain signs."""
        pieces = re.split(sign, text)
        if len(pieces) != len(values) + 1 or any(re.search(r"[%{}]", piece) for piece in pieces):
            raise Computed
        return "".join(piece + self.shown(value) for piece, value in zip(pieces, values + [""]))[:MOST_TEXT]

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
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return self.formatted(left, right if isinstance(right, list) else [right], "%[sd]")
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
        if node.attr in COUNTS:
            return COUNTS[node.attr]
        if node.attr in ("stdin", "stdout", "stderr"):
            return Special(node.attr)
        raise Computed

    def call(self, node, depth):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if node.keywords:
            raise Computed
        if isinstance(node.func, ast.Attribute) and name in ("format", "lower", "upper", "replace", "strip"):
            return self.method(name, self.read(node.func.value, depth + 1), [self.read(one, depth + 1) for one in node.args])
        if name == "str" and len(node.args) == 1:
            return self.shown(self.read(node.args[0], depth + 1))
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

    def method(self, name, text, values):
        if not isinstance(text, str):
            raise Computed
        if name == "format":
            return self.formatted(text, values, "{}")
        if name == "replace" and len(values) == 2 and all(isinstance(one, str) for one in values) and values[0] != "":
            return text.replace(*values)[:MOST_TEXT]
        if not values and name != "replace":
            return getattr(text, name)()
        raise Computed

    def value(self, node):
        """As JSON, with what is not known as its source."""
        try:
            value = self.read(node)
        except (Computed, RecursionError):
            return {"computed": self.text(node)}
        return {"special": value.name} if isinstance(value, Special) else {"value": plain(value)}

    def text(self, node):
        """The source of a node, in one line. Unlike ast.get_source_segment it does not cut the whole script into lines each time."""
        if getattr(node, "end_lineno", None) is None:
            return "?"
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        if len(lines) > 1:
            segment = lines[0][node.col_offset :] + b"".join(lines[1:-1]) + lines[-1][: node.end_col_offset]
        else:
            segment = b"".join(lines)[node.col_offset : node.end_col_offset]
        return " ".join(segment.decode("utf-8", "replace").split())[:200]


def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Special):
        return None
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


# They may be given a parser, and add nothing to it.
HARMLESS = {"print", "vars", "len", "isinstance", "id", "repr", "str", "type", "hasattr", "getattr", "setattr", "autocomplete"}


class Reader(ast.NodeVisitor):
    """
    Walks the script as it would run and keeps who made whom: parsers, groups, exclusive groups, subcommands. Functions of the script are
    followed where they are called, so that it is known whose parser they were given, and which they give back; those that nobody calls are
    read at the end. Loops over what stands in the source are gone through turn by turn.
    """

    def __init__(self, literals):
        self.literals = literals
        self.told = {"parsers": [], "arguments": [], "subparsers": [], "exclusive": [], "groups": [], "notes": []}
        # What a variable, or an attribute such as self.parser, stands for; one map for each function.
        self.scopes = [{}]
        self.loops = 0
        self.classes = set()
        # Names that the script gives to what it imports of argparse.
        self.renamed = {}
        # Functions by name, methods by name (None where several classes have one), __init__ by class: each with its outer scopes.
        self.functions = {}
        self.methods = {}
        self.inits = {}
        self.inside = None
        self.pending = []
        self.followed = {}
        self.stack = []
        self.calls = self.turns = 0
        self.returned = None
        # What has to be true where the walk is just now.
        self.conditions = []
        self.told_of = set()
        # Arguments of parsers that nobody has seen made when they were met.
        self.orphans = []

    def read(self, tree):
        self.visit(tree)
        for node, scopes in self.pending:
            if id(node) not in self.followed:
                self.walk(node, scopes, {}, {})
        mains = [one for one in self.told["parsers"] if one["command"] is None and not one.get("parent")]
        for node in self.orphans:
            if mains:
                self.on_add_argument(node, {"parser": mains[0]["id"], "group": None, "exclusive": None, "guessed": True})
            else:
                self.note(node, "An argument of something that is not known: " + self.literals.text(node))
        return self.told

    def visit_ImportFrom(self, node):
        for one in node.names if node.module == "argparse" else []:
            if one.name == "ArgumentParser":
                self.classes.add(one.asname or one.name)
            elif one.asname:
                self.renamed[one.asname] = one.name

    def visit_ClassDef(self, node):
        if any(self.name_of(base).endswith("ArgumentParser") or self.name_of(base) in self.classes for base in node.bases):
            self.classes.add(node.name)
        before, self.inside = self.inside, node.name
        self.generic_visit(node)
        self.inside = before

    def visit_FunctionDef(self, node):
        known = (node, list(self.scopes))
        if self.inside is None:
            self.functions[node.name] = known
        elif node.name == "__init__":
            self.inits[self.inside] = known
        else:
            self.methods[node.name] = None if node.name in self.methods else known
        self.pending.append(known)

    visit_AsyncFunctionDef = visit_FunctionDef

    def known(self, function):
        """A function of the script that a call means, with its outer scopes; None for all else."""
        if isinstance(function, ast.Name):
            return self.functions.get(function.id) or (None if function.id in self.classes else self.inits.get(function.id))
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            return self.methods.get(function.attr)
        return None

    def follow(self, known, call):
        """Walks through a function with what it is given. @returns what it makes and gives back, or {}."""
        node, scopes = known
        made, literals = self.given(node, call)
        is_useful = made or self.followed.get(id(node), True)
        if id(node) in self.stack or len(self.stack) >= MOST_DEPTH or self.calls >= MOST_CALLS or not is_useful:
            return {}
        self.calls += 1
        if self.calls == MOST_CALLS:
            self.note(call, "The script calls so many functions that not all of them were followed.")
        return self.walk(node, scopes, made, literals)

    def given(self, node, call):
        """By the names of its parameters: parsers and the like, and nodes of all else."""
        names = [one.arg for one in getattr(node.args, "posonlyargs", []) + node.args.args]
        literals = {name: None for name in names + [one.arg for one in node.args.kwonlyargs]}
        literals.update(zip(reversed(names), reversed(node.args.defaults)))
        literals.update((one.arg, value) for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults) if value is not None)
        is_method = isinstance(call.func, ast.Attribute) or node.name == "__init__"
        values = list(zip(names[1:] if is_method else names, call.args)) + [(one.arg, one.value) for one in call.keywords]
        made = {}
        for name, value in values:
            one = self.make(value)
            if one:
                made[name] = one
            elif one is None and isinstance(value, ast.Call):
                self.generic_visit(value)
            literals[name] = self.literals.resolve(value)
        return made, literals

    def walk(self, node, scopes, made, literals):
        before = (self.scopes, self.literals.bound, self.returned, self.inside)
        self.scopes, self.literals.bound, self.returned, self.inside = scopes + [made], literals, None, None
        self.stack.append(id(node))
        for statement in node.body:
            self.visit(statement)
        self.stack.pop()
        back = self.returned
        # A function that made a parser makes another one the next time; one that made none need not be read again.
        self.followed[id(node)] = self.followed.get(id(node), False) or bool(back)
        self.scopes, self.literals.bound, self.returned, self.inside = before
        return back or {}

    def visit_Return(self, node):
        made = self.make(node.value) if node.value is not None else None
        if made is None:
            self.generic_visit(node)
        self.returned = self.returned or made

    def visit_If(self, node):
        test = self.literals.text(node.test)
        if "__name__" in test:
            self.generic_visit(node)
            return
        self.visit(node.test)
        for statements, words in ((node.body, test), (node.orelse, test + " is not so")):
            self.conditions.append(words)
            for statement in statements:
                self.visit(statement)
            self.conditions.pop()

    def visit_For(self, node):
        turns = None if any(isinstance(one, (ast.Break, ast.Continue)) for one in ast.walk(node)) else self.turns_of(node.target, node.iter)
        self.loop(turns, node.body + node.orelse)

    def visit_While(self, node):
        self.loop(None, node.body + node.orelse)

    def visit_ListComp(self, node):
        only = node.generators[0] if len(node.generators) == 1 and not node.generators[0].ifs else None
        self.loop(self.turns_of(only.target, only.iter) if only else None, [node.elt])

    visit_SetComp = visit_GeneratorExp = visit_ListComp

    def turns_of(self, target, iterated):
        """For each turn, what the variables of a loop stand for; None where that is not known."""
        nodes = self.literals.items(iterated)
        names = target.elts if isinstance(target, ast.Tuple) else None
        if nodes is None or len(nodes) > MOST_TURNS_OF_ONE or self.turns + len(nodes) > MOST_TURNS:
            return None
        turns = []
        for node in nodes:
            parts = [self.literals.resolve(node)] if names is None else getattr(self.literals.resolve(node), "elts", [])
            variables = [target] if names is None else names
            if len(parts) != len(variables) or not all(isinstance(one, ast.Name) for one in variables):
                return None
            turns.append({variable.id: self.literals.resolve(part) for variable, part in zip(variables, parts)})
        return turns

    def loop(self, turns, body):
        if turns is None:
            self.loops += 1
        before = self.literals.bound
        for turn in [{}] if turns is None else turns:
            self.turns += 1
            self.literals.bound = dict(before, **turn)
            for one in body:
                self.visit(one)
        self.literals.bound = before
        if turns is None:
            self.loops -= 1

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
        # What an object holds, whatever the object is called outside of its class.
        return self.scopes[0].get("self." + name.split(".")[-1]) if "." in name else None

    def name_of(self, node):
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute):
            before = self.name_of(node.value)
            return before + "." + node.attr if before else node.attr
        return ""

    def note(self, node, sentence):
        # A line is met again where its function is called again.
        if (id(node), sentence) in self.told_of:
            return
        self.told_of.add((id(node), sentence))
        if len(self.told["notes"]) < MOST_ITEMS:
            self.told["notes"].append([getattr(node, "lineno", 0), sentence])

    def keywords(self, node):
        for keyword in node.keywords:
            if keyword.arg is None:
                self.note(node, "**" + self.literals.text(keyword.value) + " is only known when the script runs.")
        return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}

    def make(self, node):
        """What a call makes: {"parser", "group", "exclusive"} or {"subparsers"}; None for all else."""
        if isinstance(node, ast.Attribute) and node.attr == "add_argument":
            # The method under a name of its own.
            made = self.make(node.value)
            return dict(made, adds=True) if made else None
        if not isinstance(node, ast.Call):
            return self.find(self.name_of(node)) if isinstance(node, (ast.Name, ast.Attribute)) else None
        held = self.find(node.func.id) if isinstance(node.func, ast.Name) else None
        if held and held.get("adds"):
            return self.on_add_argument(node, held)
        known = self.known(node.func)
        if known is not None:
            return self.follow(known, node)
        name = self.name_of(node.func).split(".")[-1]
        if name.endswith("ArgumentParser") or name in self.classes:
            return self.parser(node, None)
        action = getattr(self, "on_" + name, None) if isinstance(node.func, ast.Attribute) else None
        if action is not None:
            return action(node, self.owner(node))
        values = node.args + [one.value for one in node.keywords]
        if name not in HARMLESS and any(isinstance(one, (ast.Name, ast.Attribute)) and self.make(one) for one in values):
            self.note(node, "What it adds to the parser is not known: " + self.literals.text(node))
        return None

    def owner(self, node):
        made = self.make(node.func.value)
        if made:
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
        parents = self.literals.resolve(known.get("parents"))
        if parents is not None and not isinstance(parents, (ast.List, ast.Tuple)):
            self.note(node, "The parents are not known: " + self.literals.text(parents))
        for parent in parents.elts if isinstance(parents, (ast.List, ast.Tuple)) else []:
            other = self.make(parent)
            if not other or "parser" not in other:
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
            self.note(node, "Subcommands of something that is not known: " + self.literals.text(node))
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
        # Without a flag and a name it is a positional argument called as dest says.
        named = node.args or [one.value for one in node.keywords if one.arg == "dest"]
        flags = [self.literals.value(one) for one in named]
        if self.loops or not flags or not all(isinstance(one.get("value"), str) for one in flags):
            self.note(node, "An argument that is only known when the script runs: " + self.literals.text(node))
            return owner
        if self.conditions:
            self.note(node, self.literals.text(node) + ": the script takes it only where " + " and ".join(self.conditions))
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
            one["nargs"] = {"value": COUNTS.get(known["nargs"].attr, "?")}
        self.told["arguments"].append(one)
        return owner

    def type_of(self, node):
        node = self.literals.resolve(node) or node
        if node is None:
            return {"name": "str"}
        name = self.name_of(node.func if isinstance(node, ast.Call) else node).split(".")[-1]
        name = self.renamed.get(name, name)
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
        name = self.renamed.get(name, name)
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
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return Reader(Literals(tree, content.decode(encoding, "replace"))).read(tree)
    except SyntaxError as error:
        where = "It" if error.lineno is None else "Line %s" % error.lineno
        return {"error": "%s is no Python that this Python (%d.%d) understands: %s" % (where, sys.version_info[0], sys.version_info[1], error.msg)}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"error": "It cannot be parsed: %s" % (str(error) or type(error).__name__)}


json.dump(main(), sys.stdout)
