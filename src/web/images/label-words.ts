/** Names of images whose values are usually numbers of objects rather than brightness. */
export const LABEL_WORDS = /label|mask|segment|objects?\b/i;
