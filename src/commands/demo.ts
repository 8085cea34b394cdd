export const demo = async (_e: unknown, _a: string[]): Promise<number> => 0;
