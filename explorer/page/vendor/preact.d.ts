// What the page uses of preact and htm.

/** Something to be shown. */
export type Node = VNode | string | number | boolean | null | undefined | Node[];
export interface VNode {
    type: unknown;
    props: Record<string, unknown>;
    key: unknown;
}
export interface Ref<T> {
    current: T;
}

export function h(type: unknown, props?: Record<string, unknown> | null, ...children: Node[]): VNode;
/** A template of elements: `<${Component} name=${value}>…<//>`. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
export function render(node: Node, parent: Element): void;
export const Fragment: unknown;

export class Component<P = {}, S = {}> {
    props: Readonly<P & {children?: Node}>;
    state: Readonly<S>;
    constructor(props: P);
    setState(change: Partial<S>): void;
    shouldComponentUpdate(props: Readonly<P>, state: Readonly<S>): boolean;
    componentDidCatch(error: unknown): void;
    render(): Node;
}

export function useState<T>(initial: T | (() => T)): [T, (next: T | ((before: T) => T)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
export function useRef<T>(initial: T): Ref<T>;
export function useCallback<F extends Function>(callback: F, inputs: readonly unknown[]): F;
