/** The version that the output carries; a test holds it to package.json's. */
export const VERSION = '0.1.0';
