export async function explainCommand(..._: unknown[]): Promise<number> { return 0; }
