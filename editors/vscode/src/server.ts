/** The server's life: found, started, asked, stopped. */

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import * as vscode from "vscode";
import {
    DidChangeConfigurationNotification,
    ExecuteCommandRequest,
    LanguageClient,
    RevealOutputChannelOn,
    State,
    type Middleware,
} from "vscode-languageclient/node";

import { find } from "./binary";
import { serverSettings } from "./settings";

/** The documents that the server is for. */
export const DOCUMENTS = ["dockerfile", "docker", "containerfile"].flatMap((language) =>
    ["file", "untitled"].map((scheme) => ({ language, scheme })),
);

/** How long a server may take to start, in milliseconds. */
const PATIENCE = 15_000;

/** What there is to say of the server. */
export type Condition =
    | { is: "stopped" | "starting" }
    | { is: "running"; version: string | undefined; program: string }
    | { is: "missing" | "failed"; why: string };

/** The commands that the server carries out. */
export type ServerCommand = "dockfix.fixWorkspace" | "dockfix.fixDocument" | "dockfix.formatDocument" | "dockfix.explainRule";

export class Server implements vscode.Disposable {
    readonly #log: vscode.LogOutputChannel;
    readonly #changed = new vscode.EventEmitter<Condition>();
    #client: LanguageClient | undefined;
    #condition: Condition = { is: "stopped" };
    /** Starts and stops go one after the other. */
    #queue: Promise<void> = Promise.resolve();

    /** Fires when the server starts, stops or fails. */
    readonly onDidChange = this.#changed.event;

    /** Called where a code action asks for a rule's page. */
    onExplain: ((rule: string) => Promise<void>) | undefined;

    constructor(log: vscode.LogOutputChannel) {
        this.#log = log;
    }

    get condition(): Condition {
        return this.#condition;
    }

    start(): Promise<void> {
        return this.#enqueue(() => this.#start());
    }

    stop(): Promise<void> {
        return this.#enqueue(() => this.#stop());
    }

    restart(): Promise<void> {
        return this.#enqueue(async () => {
            await this.#stop();
            await this.#start();
        });
    }

    /** Has the server carry out a command. Fails with a message for people where it doesn't run. */
    async execute(command: ServerCommand, args: unknown[] = []): Promise<unknown> {
        await this.#queue;
        if (this.#client?.isRunning() !== true) {
            throw new Error("the server isn't running");
        }
        return this.#client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
    }

    /** Tells the server that settings have changed, and what they are for the window. */
    async tellSettings(): Promise<void> {
        await this.#queue;
        if (this.#client?.isRunning() === true) {
            const settings = { dockfix: serverSettings() };
            await this.#client.sendNotification(DidChangeConfigurationNotification.type, { settings });
        }
    }

    dispose(): void {
        this.#changed.dispose();
    }

    #enqueue(job: () => Promise<void>): Promise<void> {
        this.#queue = this.#queue.then(job).catch((error: unknown) => {
            this.#log.error(String(error));
        });
        return this.#queue;
    }

    #become(condition: Condition): void {
        this.#condition = condition;
        this.#changed.fire(condition);
    }

    async #start(): Promise<void> {
        if (this.#client !== undefined) {
            return;
        }
        const setting = vscode.workspace.getConfiguration("dockfix").get("path", "dockfix");
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
        const program = await find(setting, { folder, env: process.env, platform: process.platform });
        if (program === undefined) {
            const why = `There is no program \`${setting}\`. Install dockfix, or say where it is in the setting dockfix.path.`;
            this.#become({ is: "missing", why });
            this.#log.error(why);
            void offerSettings(why);
            return;
        }
        this.#log.info(`${program} lsp`);
        const client = this.#makeClient(program);
        this.#client = client;
        // A program that is no server may never answer; whoever waits for it would wait for ever.
        const patience = setTimeout(() => client.serverProcess?.kill(), PATIENCE);
        try {
            await client.start();
        } catch (error) {
            // The client has shown what went wrong.
            this.#client = undefined;
            this.#become({ is: "failed", why: `${program}: ${String(error)}` });
        } finally {
            clearTimeout(patience);
        }
    }

    async #stop(): Promise<void> {
        const client = this.#client;
        this.#client = undefined;
        try {
            // A client that died by itself has nothing to stop.
            if (client?.isRunning() === true) {
                await client.stop();
            }
        } finally {
            this.#become({ is: "stopped" });
        }
    }

    #makeClient(program: string): LanguageClient {
        const client = new LanguageClient(
            "dockfix",
            "dockfix",
            { command: program, args: ["lsp"] },
            {
                documentSelector: DOCUMENTS,
                diagnosticCollectionName: "dockfix",
                outputChannel: this.#log,
                revealOutputChannelOn: RevealOutputChannelOn.Never,
                stdioOptions: {
                    stdout: () => undefined,
                    stderr: (words) => {
                        this.#listen(words, () => client === this.#client);
                    },
                },
                middleware: this.#middleware(),
            },
        );
        client.onDidChangeState(({ newState }) => {
            if (client === this.#client) {
                this.#follow(client, newState, program);
            }
        });
        return client;
    }

    /** What the server says for the log comes as messages too. Standard error alone has the words with which it dies. */
    #listen(words: Readable, unexpected: () => boolean): void {
        const last: string[] = [];
        const lines = createInterface({ input: words, crlfDelay: Infinity });
        lines.on("line", (line) => {
            this.#log.trace(line);
            last.push(line);
            last.splice(0, last.length - 20);
        });
        lines.on("close", () => {
            if (unexpected()) {
                this.#log.error(["the server is gone; its last words:", ...last].join("\n"));
            }
        });
    }

    #follow(client: LanguageClient, state: State, program: string): void {
        switch (state) {
            case State.Starting:
                this.#become({ is: "starting" });
                break;
            case State.Running:
                this.#become({ is: "running", version: client.initializeResult?.serverInfo?.version, program });
                break;
            case State.StartFailed:
                this.#become({ is: "failed", why: `${program} can't be started` });
                break;
            case State.Stopped:
                this.#become({ is: "stopped" });
                break;
        }
    }

    #middleware(): Middleware {
        return {
            executeCommand: async (command, args: unknown[], next) => {
                const [rule] = args;
                if (command === "dockfix.explainRule" && typeof rule === "string" && this.onExplain) {
                    await this.onExplain(rule);
                    return undefined;
                }
                return next(command, args) as unknown;
            },
            workspace: {
                // The server asks as soon as it runs. Options of initialization would outlive a setting that is taken back.
                configuration: (params, token, next) => {
                    const answers = params.items.map((item) => {
                        if (item.section !== "dockfix") {
                            return undefined;
                        }
                        return serverSettings(item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri));
                    });
                    return answers.includes(undefined) ? next(params, token) : answers;
                },
                // `tellSettings` does it, with no setting that nobody made, whether or not the server asked for it.
                didChangeConfiguration: () => Promise.resolve(),
            },
        };
    }
}

/** Says that something has to be set, with a button that leads there. */
async function offerSettings(why: string): Promise<void> {
    const open = "Open Settings";
    if ((await vscode.window.showErrorMessage(why, open)) === open) {
        await vscode.commands.executeCommand("workbench.action.openSettings", "dockfix.path");
    }
}
