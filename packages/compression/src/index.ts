// No codec is here yet: `compressionType` takes 'none' alone, and batches are sent as they are.
// oxlint-disable-next-line unicorn/require-module-specifiers -- it makes this file a module until then
export {}
