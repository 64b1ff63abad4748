/** The settings of the editor, as the server takes them. */

import * as vscode from "vscode";

/** What the server is told. The rest of `dockfix.*` is for this extension. */
const NAMES = [
    "enable",
    "diagnostics",
    "config",
    "preset",
    "select",
    "extendSelect",
    "ignore",
    "maxEffect",
    "options",
    "docsUrl",
    "logLevel",
];

/** What holds for a file, or for the window. A setting that nobody made is left out, so that `dockfix.toml` speaks. */
export function serverSettings(scope?: vscode.Uri): Record<string, unknown> {
    const all = vscode.workspace.getConfiguration("dockfix", scope ?? null);
    const made = NAMES.map((name) => [name, all.get<unknown>(name)] as const);
    return Object.fromEntries(made.filter(([, value]) => value !== null && value !== undefined));
}
