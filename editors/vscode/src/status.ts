/** What the language status says of the server, beside the language of a Dockerfile. */

import * as vscode from "vscode";

import { DOCUMENTS, type Condition, type Server } from "./server";

export class Status implements vscode.Disposable {
    readonly #item = vscode.languages.createLanguageStatusItem("dockfix.status", DOCUMENTS);
    readonly #listening: vscode.Disposable;

    constructor(server: Server) {
        this.#item.name = "dockfix";
        this.#item.command = { title: "Manage", command: "dockfix.manage" };
        this.#listening = server.onDidChange((it) => {
            this.#show(it);
        });
        this.#show(server.condition);
    }

    dispose(): void {
        this.#listening.dispose();
        this.#item.dispose();
    }

    #show(condition: Condition): void {
        const item = this.#item;
        item.busy = condition.is === "starting";
        item.severity = vscode.LanguageStatusSeverity.Information;
        switch (condition.is) {
            case "running":
                item.text = ["dockfix", condition.version].filter((it) => it !== undefined).join(" ");
                item.detail = condition.program;
                break;
            case "missing":
            case "failed":
                item.text = condition.is === "missing" ? "dockfix not found" : "dockfix failed";
                item.detail = condition.why;
                item.severity = vscode.LanguageStatusSeverity.Error;
                break;
            case "starting":
                item.text = "dockfix";
                item.detail = "starting";
                break;
            case "stopped":
                item.text = "dockfix stopped";
                item.detail = "";
                item.severity = vscode.LanguageStatusSeverity.Warning;
                break;
        }
    }
}
