/** The package has no types of its own. */
declare module '@stephen-riley/pcre2-wasm';
