/** Finds the program that is to be started. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";

/** What finding the program depends on. */
export interface Place {
    /** The first workspace folder, from which relative paths begin. */
    folder: string | undefined;
    env: NodeJS.ProcessEnv;
    platform: NodeJS.Platform;
}

/** The program that `dockfix.path` names, or undefined where there is none. */
export async function find(setting: string, place: Place): Promise<string | undefined> {
    const name = expand(setting.trim() || "dockfix", place);
    for (const candidate of candidates(name, place)) {
        if (await isProgram(candidate)) {
            return candidate;
        }
    }
    return undefined;
}

/** Puts in what `~` and `${workspaceFolder}` stand for. */
function expand(name: string, { folder }: Place): string {
    const home = name.replace(/^~(?=$|[/\\])/, () => homedir());
    return folder === undefined ? home : home.replaceAll("${workspaceFolder}", () => folder);
}

function candidates(name: string, { folder, env, platform }: Place): string[] {
    const windows = platform === "win32";
    const endings = windows ? ["", ...(env.PATHEXT ?? ".EXE;.CMD").split(";")] : [""];
    if (/[/\\]/.test(name)) {
        return endings.map((it) => path.resolve(folder ?? ".", name + it));
    }
    // An editor that was started from a desktop may have another PATH than a terminal.
    const folders = (env.PATH ?? "").split(path.delimiter).filter((it) => it !== "");
    folders.push(path.join(homedir(), ".cargo", "bin"));
    return folders.flatMap((it) => endings.map((ending) => path.join(it, name + ending)));
}

async function isProgram(candidate: string): Promise<boolean> {
    try {
        await access(candidate, constants.X_OK);
        return (await stat(candidate)).isFile();
    } catch {
        return false;
    }
}
