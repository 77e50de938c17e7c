// Global types that the declarations of this package name, for projects whose `lib` lacks them: an interface merges with
// the one of `lib`, so that nothing changes where it exists.

interface SymbolConstructor {
  readonly dispose: unique symbol;
}

interface Disposable {
  [Symbol.dispose](): void;
}

declare namespace WebAssembly {
  interface Module {}
  interface Memory {}
}

interface Event {}
interface AbortController {}
interface AbortSignal {}
interface Blob {}
interface File extends Blob {}
interface FileSystemFileHandle {}
interface Request {}
interface RequestInit {}
interface Headers {}
interface Response {
  readonly headers: Headers;
  readonly status: number;
  readonly statusText: string;
}
interface URL {
  username: string;
  password: string;
}
