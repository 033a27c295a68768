// What the page and its workers say to each other.

/** To a worker. The first message brings the module; each further one asks, and is answered before the next is read. */
export type Order =
    | {module: WebAssembly.Module}
    /** A Request as JSON: one Reply follows. */
    | {ask: string}
    /** A Search as JSON: Replies follow until one is not a Progress, or one is the last Progress. */
    | {search: string};

/** From a worker. */
export type Reply =
    /** JSON. */
    | {answer: string}
    /** A sentence. */
    | {refused: string}
    /** The program has failed, and answers no more; what is known of it. */
    | {failed: string};
