/** The extension's two ends. All that is done to a Dockerfile is done by the server, `dockfix lsp`. */

import * as vscode from "vscode";

import { registerCommands } from "./commands";
import { RulePages } from "./rules";
import { Server } from "./server";
import { Status } from "./status";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const log = vscode.window.createOutputChannel("dockfix", { log: true });
    const running = (server = new Server(log));
    const pages = new RulePages(running);
    running.onExplain = (rule) => pages.open(rule);
    context.subscriptions.push(log, running, pages, new Status(running));
    registerCommands(context, running, pages, log);

    // Another program has to be started anew; of any other setting the server is told.
    const changed = vscode.workspace.onDidChangeConfiguration(async (event) => {
        if (event.affectsConfiguration("dockfix.path")) {
            await running.restart();
        } else if (event.affectsConfiguration("dockfix")) {
            await running.tellSettings();
        }
    });
    const trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart());
    context.subscriptions.push(changed, trusted);
    await running.start();
}

export async function deactivate(): Promise<void> {
    await server?.stop();
    server = undefined;
}
