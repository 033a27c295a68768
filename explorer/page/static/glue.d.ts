// What wasm-bindgen makes of `explorer/wasm/src/lib.rs`. It stands before the worker's script.

export interface Glue {
    initSync(from: {module: WebAssembly.Module}): void;
    answer(request: string): string;
    lastWords(): string;
    Search: new (request: string) => {advance(states: number): string; free(): void};
}

declare global {
    const wasm_bindgen: Glue;
}
