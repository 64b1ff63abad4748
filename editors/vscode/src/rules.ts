/** The pages of the rules, as documents that stand in no file. */

import * as vscode from "vscode";

import type { Server } from "./server";

const SCHEME = "dockfix-rule";

export class RulePages implements vscode.TextDocumentContentProvider, vscode.Disposable {
    readonly #server: Server;
    readonly #texts = new Map<string, string>();
    readonly #changed = new vscode.EventEmitter<vscode.Uri>();
    readonly #registered: vscode.Disposable;

    readonly onDidChange = this.#changed.event;

    constructor(server: Server) {
        this.#server = server;
        this.#registered = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
    }

    /** Shows the page of a rule. Fails where the server doesn't know it. */
    async open(rule: string): Promise<void> {
        const text = await this.#server.execute("dockfix.explainRule", [rule]);
        if (typeof text !== "string") {
            throw new Error(`there is no rule ${rule}`);
        }
        const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
        this.#texts.set(uri.toString(), text);
        this.#changed.fire(uri);
        try {
            await vscode.commands.executeCommand("markdown.showPreview", uri);
        } catch {
            // The preview is an extension of its own, which can be turned off.
            await vscode.window.showTextDocument(uri, { preview: true });
        }
    }

    provideTextDocumentContent(uri: vscode.Uri): string | undefined {
        return this.#texts.get(uri.toString());
    }

    dispose(): void {
        this.#registered.dispose();
        this.#changed.dispose();
    }
}

/** The rules whose findings a document has, those at a place first. */
export function rulesFound(document: vscode.TextDocument, at: vscode.Position): string[] {
    const findings = vscode.languages.getDiagnostics(document.uri).filter((it) => it.source === "dockfix");
    const here = (it: vscode.Diagnostic) => it.range.contains(at);
    const sorted = [...findings.filter(here), ...findings.filter((it) => !here(it))];
    return [...new Set(sorted.map((it) => codeOf(it)).filter((it) => it !== undefined))];
}

function codeOf({ code }: vscode.Diagnostic): string | undefined {
    const value = typeof code === "object" ? code.value : code;
    return value === undefined ? undefined : String(value);
}
