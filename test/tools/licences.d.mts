export function shippedPackages(): { name: string; version: string; licence: string }[];
export function packagesWithScripts(): string[];
export function licencesPage(): string;
