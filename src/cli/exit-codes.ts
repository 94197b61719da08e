/** What the process ends with. */
export const exitCodes = { done: 0, failed: 1, usage: 2, missingTool: 3, cancelled: 130 } as const;
