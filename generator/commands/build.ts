export async function buildCommand(..._: unknown[]): Promise<number> { return 0; }
