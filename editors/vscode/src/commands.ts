/** The commands of the palette. */

import * as vscode from "vscode";

import { rulesFound, type RulePages } from "./rules";
import type { Server } from "./server";

const RESTART = "Restart Server";
const LOG = "Show Log";
const SETTINGS = "Open Settings";

export function registerCommands(
    context: vscode.ExtensionContext,
    server: Server,
    pages: RulePages,
    log: vscode.LogOutputChannel,
): void {
    const inDocument = async (command: "dockfix.fixDocument" | "dockfix.formatDocument") => {
        const document = vscode.window.activeTextEditor?.document;
        if (document === undefined) {
            throw new Error("no file is open");
        }
        await server.execute(command, [document.uri.toString()]);
    };
    const commands: Record<string, () => unknown> = {
        "dockfix.fix": () => inDocument("dockfix.fixDocument"),
        "dockfix.format": () => inDocument("dockfix.formatDocument"),
        "dockfix.fixAllFiles": () => fixAllFiles(server),
        "dockfix.explain": async () => {
            const rule = await askForRule();
            if (rule) {
                await pages.open(rule);
            }
        },
        "dockfix.restart": () => server.restart(),
        "dockfix.showLog": () => {
            log.show();
        },
        "dockfix.manage": async () => {
            const chosen = await vscode.window.showQuickPick([RESTART, LOG, SETTINGS], { title: "dockfix" });
            await choose(chosen);
        },
    };
    for (const [name, run] of Object.entries(commands)) {
        const guarded = async () => {
            try {
                await run();
            } catch (error) {
                const why = error instanceof Error ? error.message : String(error);
                await choose(await vscode.window.showErrorMessage(`dockfix: ${why}`, RESTART, LOG));
            }
        };
        context.subscriptions.push(vscode.commands.registerCommand(name, guarded));
    }
}

/** Fixes every Dockerfile of the workspace, once that was said twice: it can't be undone in files that aren't open. */
async function fixAllFiles(server: Server): Promise<void> {
    const fix = "Fix";
    const detail = "Files that are not open are written at once.";
    const question = "Fix all Dockerfiles of the workspace?";
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, fix)) !== fix) {
        return;
    }
    const done = (await server.execute("dockfix.fixWorkspace")) as { files: number; changed: number; failed: number };
    const said = `dockfix: ${done.changed} of ${done.files} files changed`;
    if (done.failed === 0) {
        await vscode.window.showInformationMessage(said);
    } else {
        await choose(await vscode.window.showWarningMessage(`${said}, ${done.failed} failed`, LOG));
    }
}

/** Does what a button says. */
async function choose(button: string | undefined): Promise<void> {
    switch (button) {
        case RESTART:
            await vscode.commands.executeCommand("dockfix.restart");
            break;
        case LOG:
            await vscode.commands.executeCommand("dockfix.showLog");
            break;
        case SETTINGS:
            await vscode.commands.executeCommand("workbench.action.openSettings", "dockfix.");
            break;
    }
}

/** The rules that were found in the file stand for choice, and any other can be named. */
async function askForRule(): Promise<string | undefined> {
    const editor = vscode.window.activeTextEditor;
    const found = editor === undefined ? [] : rulesFound(editor.document, editor.selection.active);
    const other = "Another rule…";
    const chosen = found.length === 0 ? other : await vscode.window.showQuickPick([...found, other], { title: "Explain a rule" });
    if (chosen !== other) {
        return chosen;
    }
    const named = await vscode.window.showInputBox({ title: "Explain a rule", prompt: "A rule's name, or an id such as DL3025" });
    return named?.trim();
}
