export function usedRules(css: string, sources: string): string;
export function withoutOwnPictures(css: string): string;
export function withoutComments(css: string): string;
