/** Menus are `<details class="menu">`: they open without scripts; here they also close on Escape, on a click elsewhere and when another opens. */

export function startMenus(): void {
  document.addEventListener('click', (event) => closeMenus(event.target as Node));
  document.addEventListener('focusin', (event) => closeMenus(event.target as Node));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const open = document.querySelector<HTMLDetailsElement>('details.menu[open]');
    if (!open) return;
    closeMenus(null);
    open.querySelector('summary')?.focus();
  });
}

/** Closes every open menu that does not hold `inside`. */
function closeMenus(inside: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
    if (!inside || !menu.contains(inside)) menu.open = false;
  }
}
