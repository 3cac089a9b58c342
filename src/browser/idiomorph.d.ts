/** The part of idiomorph that is used; the build puts its module beside ours. */
interface MorphConfig {
  morphStyle?: 'outerHTML' | 'innerHTML';
  ignoreActiveValue?: boolean;
  callbacks?: {
    beforeNodeMorphed?: (existing: Node, incoming: Node) => boolean;
    beforeAttributeUpdated?: (name: string, element: Element, change: 'update' | 'remove') => boolean;
  };
}

export declare const Idiomorph: {
  morph(existing: Element, incoming: Element, config?: MorphConfig): unknown;
};
