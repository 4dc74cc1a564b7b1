/** Where a sample comes from: a recording of ours, a log that somebody published, a vendor's document, or the vendor's template filled in. */
export type Origin = 'recorded' | 'public' | 'documented' | 'composed';
