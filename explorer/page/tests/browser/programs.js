// What the tests need from the machine: a browser, the server, the page as one file.

import {spawn, spawnSync} from "node:child_process";
import {accessSync, constants, existsSync} from "node:fs";
import {delimiter, join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const TARGET = process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target");

/** Nothing may be skipped. */
export const REQUIRED = ["CI", "TCPSPEC_REQUIRE_KERNEL"].some((name) => (process.env[name] ?? "") !== "");

/**
 * A program by its name.
 * @param {...string} names
 * @returns {string | null}
 */
export function program(...names) {
    for (const name of names) {
        for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
            try {
                accessSync(join(folder, name), constants.X_OK);
                return join(folder, name);
            } catch {
                // It may be in another folder.
            }
        }
    }
    return null;
}

/**
 * The one without windows, if it is there: it takes less time.
 * @returns {string | null}
 */
export function chromium() {
    return process.env["CHROMIUM"] ?? program("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
}

export const SERVER = join(TARGET, "release", process.platform === "win32" ? "tcpspec.exe" : "tcpspec");
export const STATIC = join(TARGET, "page", "index.html");

/**
 * Why the tests of a form cannot run here; nothing if they can.
 * @param {"served" | "static"} form
 * @returns {string | null}
 */
export function missing(form) {
    if (chromium() === null) return "no Chromium on PATH, and CHROMIUM names none";
    // The other form needs it, too: it writes what the tests begin with.
    if (!existsSync(SERVER)) return `${SERVER} is not built: cargo build --release`;
    if (form === "static" && !existsSync(STATIC)) return `${STATIC} is not built: cargo run --release -p tcpspec-page`;
    return null;
}

/** The page as one file, by its own address. */
export const staticAddress = pathToFileURL(STATIC).href;

/**
 * @typedef {object} Server
 * @property {string} address  With a slash at the end.
 * @property {string} opens  What the address that it prints goes on with.
 * @property {() => Promise<void>} stop
 * @property {(request: unknown) => Promise<any>} ask
 */

/**
 * Starts `tcpspec explore`, on a port that the system chooses if none is given.
 * @param {number} [port]
 * @param {string[]} [more]  Further arguments.
 * @returns {Promise<Server>}
 */
export async function startServer(port = 0, more = []) {
    const child = spawn(SERVER, ["explore", "--port", String(port), ...more], {stdio: ["ignore", "pipe", "pipe"]});
    const ended = new Promise((resolve) => child.once("exit", resolve));
    let said = "";
    /** @type {[string, string]} */
    const [address, opens] = await new Promise((resolve, reject) => {
        const read = (/** @type {Buffer} */ text) => {
            said += text;
            const found = /(http:\/\/[^\s/]+\/)(\S*) in a browser/.exec(said);
            if (found) resolve([found[1] ?? "", found[2] ?? ""]);
        };
        child.stdout.on("data", read);
        child.stderr.on("data", read);
        child.once("error", reject);
        child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
    return {
        address,
        opens,
        async stop() {
            child.kill("SIGINT");
            await ended;
        },
        async ask(request) {
            const response = await fetch(`${address}ask`, {
                method: "POST",
                headers: {"content-type": "application/json"},
                body: JSON.stringify(request),
            });
            const answer = await response.json();
            if (!response.ok) throw new Error(answer.error);
            return answer;
        },
    };
}

/**
 * What a program writes.
 * @param {string} name
 * @param {string[]} args
 */
export function output(name, args) {
    const {status, stdout, stderr} = spawnSync(name, args, {encoding: "utf8"});
    if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${stderr}`);
    return stdout;
}
