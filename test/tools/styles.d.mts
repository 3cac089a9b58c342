export function usedRules(css: string, sources: string): string;
export function withoutComments(css: string): string;
