/** The part of newman that is used here; it brings no types. https://github.com/postmanlabs/newman#using-newman-as-a-library */
declare module 'newman' {
  export interface Failure {
    source?: { name?: string };
    error: { message: string };
  }
  export interface Execution {
    item: { name: string };
    response?: {
      code: number;
      status: string;
      text(): string;
      headers: { toJSON(): { key: string; value: string }[] };
    };
    assertions?: { assertion: string; error?: { message: string } }[];
  }
  export interface Summary {
    run: { executions: Execution[]; failures: Failure[] };
    environment: { values: { get(name: string): unknown } };
  }
  export interface Options {
    collection: unknown;
    environment: unknown;
    envVar: { key: string; value: string }[];
    folder?: string[];
    timeoutRequest?: number;
  }
  const newman: { run(options: Options, done: (error: Error | null, summary: Summary) => void): unknown };
  export default newman;
}
