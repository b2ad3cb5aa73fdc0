// The core's bytes: emitted when they are first wanted, unless whoever embeds the machine has kept them from a build,
// since recording and emitting every definition takes longer than many a guest's whole boot.

import { coreModule } from './core.ts';

let bytes: Uint8Array<ArrayBuffer> | undefined;
let compiled: WebAssembly.Module | undefined;

/** @param kept what `coreBytes` gave in the same build. */
export function provideCore(kept: Uint8Array<ArrayBuffer>): void {
  bytes = kept;
}
export function coreBytes(): Uint8Array<ArrayBuffer> {
  bytes ??= coreModule().bytes();
  return bytes;
}
/** The core, compiled once for all machines. */
export function compiledCore(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(coreBytes());
  return compiled;
}
