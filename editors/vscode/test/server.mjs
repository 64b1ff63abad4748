#!/usr/bin/env node
// A small program with the face of dockfix: `format -` and `fix -` are filters, `lsp` serves. It writes keywords in upper
// case and replaces MAINTAINER, and puts what a client tells it into the file $FAKE_LOG, a line for each message.
import { appendFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createProtocolConnection, StreamMessageReader, StreamMessageWriter } = createRequire(import.meta.url)(
    "vscode-languageserver-protocol/node",
);

const format = (text) => text.replace(/^[a-z]+/gm, (it) => it.toUpperCase()).replace(/[ \t]+$/gm, "");
const fix = (text) => format(text).replace(/^MAINTAINER (.*)$/gm, 'LABEL org.opencontainers.image.authors="$1"');

const [command] = process.argv.slice(2);
if (command === "lsp") {
    serve();
} else {
    process.stdout.write({ format, fix }[command](readFileSync(0, "utf8")));
}

function serve() {
    const client = createProtocolConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout));
    const documents = new Map();
    let quiet = false;
    const note = (method, params) => process.env.FAKE_LOG && appendFileSync(process.env.FAKE_LOG, `${JSON.stringify({ method, params })}\n`);
    const whole = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };
    const replace = (uri, by) => [{ range: whole, newText: by(documents.get(uri)) }];
    const apply = (uri, by) => client.sendRequest("workspace/applyEdit", { edit: { changes: { [uri]: replace(uri, by) } } });
    const look = (uri) => {
        const lines = documents.get(uri).split("\n");
        const found = lines.flatMap((line, at) => (/^maintainer/i.test(line) && !quiet ? [at] : []));
        const diagnostics = found.map((line) => ({
            range: { start: { line, character: 0 }, end: { line, character: 10 } },
            message: "MAINTAINER is deprecated",
            severity: 2,
            source: "dockfix",
            code: "maintainer",
        }));
        return client.sendNotification("textDocument/publishDiagnostics", { uri, diagnostics });
    };
    const commands = {
        "dockfix.fixDocument": ([uri]) => apply(uri, fix),
        "dockfix.formatDocument": ([uri]) => apply(uri, format),
        "dockfix.fixWorkspace": async () => {
            await Promise.all([...documents.keys()].map((uri) => apply(uri, fix)));
            return { files: documents.size, changed: documents.size, failed: 0 };
        },
        "dockfix.explainRule": ([rule]) => (rule === "maintainer" ? "# maintainer\n" : null),
        "fake.crash": () => process.stderr.write("the end is near\n", () => process.exit(3)),
    };
    const requests = {
        initialize: () => ({
            serverInfo: { name: "dockfix", version: "0.0.0" },
            capabilities: {
                textDocumentSync: 1,
                documentFormattingProvider: true,
                codeActionProvider: { codeActionKinds: ["quickfix", "source.fixAll.dockfix"] },
                executeCommandProvider: { commands: Object.keys(commands) },
            },
        }),
        shutdown: () => null,
        "textDocument/formatting": ({ textDocument }) => replace(textDocument.uri, format),
        "textDocument/codeAction": ({ textDocument: { uri } }) => [
            { title: "Fix all", kind: "source.fixAll.dockfix", edit: { changes: { [uri]: replace(uri, fix) } } },
        ],
        "workspace/executeCommand": ({ command, arguments: args }) => commands[command](args ?? []),
    };
    for (const [method, answer] of Object.entries(requests)) {
        client.onRequest(method, (params) => {
            note(method, params);
            return answer(params);
        });
    }
    const askSettings = async () => {
        const items = [{ section: "dockfix" }, ...[...documents.keys()].map((scopeUri) => ({ section: "dockfix", scopeUri }))];
        const settings = await client.sendRequest("workspace/configuration", { items });
        note("settings", settings);
        quiet = !settings[0].diagnostics;
        documents.forEach((_, uri) => look(uri));
    };
    const notifications = {
        initialized: async () => {
            await client.sendRequest("client/registerCapability", {
                registrations: [
                    { id: "files", method: "workspace/didChangeWatchedFiles", registerOptions: { watchers: [{ globPattern: "**/dockfix.toml" }] } },
                ],
            });
            await askSettings();
        },
        "textDocument/didOpen": ({ textDocument: { uri, text } }) => documents.set(uri, text) && look(uri),
        "textDocument/didChange": ({ textDocument: { uri }, contentChanges }) => documents.set(uri, contentChanges[0].text) && look(uri),
        "workspace/didChangeConfiguration": askSettings,
        "workspace/didChangeWatchedFiles": () => {},
        exit: () => process.exit(0),
    };
    for (const [method, hear] of Object.entries(notifications)) {
        client.onNotification(method, (params) => {
            note(method, params);
            return hear(params);
        });
    }
    client.listen();
}
