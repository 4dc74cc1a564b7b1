/** How much a record or a finding matters, in Sigma's words; from the least to the most. */
export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];
