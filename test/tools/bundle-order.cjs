/** Bundles in the order of their numbers: jest would begin the small ones of them last, which hold the longest files. */
const { default: Sequencer } = require('@jest/test-sequencer');

module.exports = class BundleOrder extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => (one.path < other.path ? -1 : 1));
  }
};
