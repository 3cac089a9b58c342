export function whyNoBaseImage(): string | null;
export function makeBaseRoot(root: string): void;
