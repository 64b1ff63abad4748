// Runs the built extension in the stand-in for the editor.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { editor } from "./vscode.mjs";

const require = createRequire(import.meta.url);
const bundle = fileURLToPath(new URL("../dist/extension.js", import.meta.url));
export const fake = fileURLToPath(new URL("server.mjs", import.meta.url));

let current;
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? current : load(name, ...rest));

/** Waits until something is there. Fails after ten seconds, with what was waited for. */
export async function until(what, look) {
    for (let left = 500; left > 0; left -= 1) {
        const found = await look();
        if (found) {
            return found;
        }
        await sleep(20);
    }
    throw new Error(`there never was ${what}`);
}

/** Activates the extension in a new editor, and stops it when the test ends. */
export async function host(test, { program = fake, settings = {}, folders } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "dockfix-vscode-"));
    const log = join(folder, "log");
    process.env.FAKE_LOG = log;
    const { vscode, state } = editor({ settings: { "dockfix.path": program, ...settings }, folders: folders ?? [folder] });
    current = vscode;
    delete require.cache[bundle];
    const extension = require(bundle);
    const context = { subscriptions: [] };
    await extension.activate(context);
    let active = true;
    const deactivate = async () => {
        if (active) {
            active = false;
            await extension.deactivate();
            context.subscriptions.reverse().forEach((it) => it.dispose());
        }
    };
    test.after(async () => {
        await deactivate();
        // A server that is just ending may still write there, behind the back of whoever empties the folder.
        await until("an empty folder", () => rm(folder, { recursive: true, force: true }).then(() => true, () => false));
    });
    /** What the small server heard by a method, in order. */
    const heard = (method) => {
        const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
        return lines.map((it) => JSON.parse(it)).filter((it) => it.method === method).map((it) => it.params);
    };
    const run = (name, ...args) => vscode.commands.executeCommand(name, ...args);
    return { vscode, state, folder, heard, run, deactivate };
}

/** What a program writes as a filter. */
export function filter(program, command, text, ...flags) {
    try {
        return execFileSync(program, [command, ...flags, "-"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
    } catch (error) {
        // Findings that are left are no failure.
        if (error.status === 1) {
            return error.stdout;
        }
        throw error;
    }
}
