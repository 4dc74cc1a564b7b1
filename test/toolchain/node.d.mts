/** Types of node.mjs for tests in TypeScript. */
export interface RunningNode {
  /** without a slash at its end */
  url: string;
  pid: number;
  stop: () => Promise<void>;
}

export function startNode(name: string, options?: { port?: number; jvm?: string[] }): Promise<RunningNode>;
