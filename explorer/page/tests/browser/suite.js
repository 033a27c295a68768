// The page in a browser: every case, in one of its forms. Each form has a file of its own, so that both run at the same time.

import {after, before, describe, test} from "node:test";
import {REQUIRED, missing} from "./programs.js";
import {Case, Stage} from "./stage.js";
import {figures} from "./cases/figures.js";
import {searches} from "./cases/searches.js";
import {claims} from "./cases/claims.js";
import {links} from "./cases/links.js";
import {files} from "./cases/files.js";
import {keyboard} from "./cases/keyboard.js";
import {access} from "./cases/access.js";
import {errors} from "./cases/errors.js";
import {layout} from "./cases/layout.js";

const CASES = {...figures, ...searches, ...claims, ...links, ...files, ...keyboard, ...access, ...errors, ...layout};

/** @param {"served" | "static"} form */
export function suite(form) {
    describe(form, () => {
        const reason = missing(form);
        if (reason !== null) {
            test("all", {skip: REQUIRED ? false : reason}, () => {
                throw new Error(reason);
            });
            return;
        }
        /** @type {Stage} */
        let stage;
        before(async () => {
            stage = await Stage.open(form);
        });
        after(() => stage.close());
        for (const [name, {only, run}] of Object.entries(CASES)) {
            if (only && only !== form) continue;
            test(name, async (context) => {
                const mine = new Case(stage);
                try {
                    await run(mine, context);
                } catch (error) {
                    // The fault of the case is worth more than what followed from it.
                    if (mine.faults.length > 0) console.error(mine.faults.join("\n"));
                    await mine.end().catch(() => {});
                    throw error;
                }
                await mine.end();
            });
        }
    });
}
