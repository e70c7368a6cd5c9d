import { getEnvironmentData, isMainThread, setEnvironmentData, threadId, type Worker } from "node:worker_threads";
import { CONTROL_BYTES, CROWD_TOLD, ENGINE_CLOSED, type NamedSinkSpec } from "@spillway/core";
import type { CrashSafetyPlan } from "./crash-safety-plan.ts";
import type { CriticalPlan } from "./critical-log.ts";
import type { DrainCode } from "./drain-code.ts";
import { Engine, type Trouble } from "./engine.ts";
import { engineKey } from "./engine-key.ts";
import type { EngineShare, ResolvedEngineOptions } from "./engine-share.ts";
import { obeySignals } from "./signals.ts";

/** Name of the environment data under which later threads find the engines of their parents. */
const SHARES = "spillway.engines";

const engines = new Map<string, Engine>();
let hasHooks = false;

export interface EngineRequest {
  readonly sinks: readonly NamedSinkSpec[];
  /** Whether the sinks are what the caller asked for, or the default because it asked for none. */
  readonly isDefault: boolean;
  readonly options: ResolvedEngineOptions;
  readonly crashSafety: CrashSafetyPlan | undefined;
  readonly critical: CriticalPlan | undefined;
  readonly handleSignals: boolean;
  readonly code: DrainCode;
  readonly trouble: Trouble;
}

/**
 * The engine for these sinks: this thread's, or its parent's, or a new one. Loggers with the same sinks share one. A
 * thread that asks for no sinks writes where its parent's first engine writes.
 */
export function engineFor(request: EngineRequest): Engine {
  const shares = (getEnvironmentData(SHARES) as unknown as EngineShare[] | undefined) ?? [];
  const key = engineKey(request.sinks, request.options.sync);
  const known = engines.get(key);
  if (known !== undefined && !known.isClosed) return known;
  const usable = shares.filter((share) => !share.options.sync && !isClosed(share));
  const share = usable.find((s) => s.key === key) ?? (request.isDefault && !isMainThread ? usable[0] : undefined);
  const attached = share === undefined ? undefined : engines.get(share.key);
  if (attached !== undefined && !attached.isClosed) return attached;
  const engine =
    share === undefined || engines.has(key)
      ? Engine.make(
          key,
          request.sinks,
          request.options,
          request.code,
          request.trouble,
          request.crashSafety,
          request.critical,
        )
      : Engine.attach(share, request.code, request.trouble);
  engines.set(engine.share.key, engine);
  if (engine.isOwner) setEnvironmentData(SHARES, [...shares.filter((s) => s.key !== key), engine.share] as never);
  addHooks();
  if (request.handleSignals) obeySignals(atExit);
  return engine;
}

/**
 * An engine for a thread that found all lanes taken: the same sinks, the whole pipeline on the thread itself. Slower,
 * and its accounts are its own, but nothing is lost.
 */
export function engineWithoutLane(crowded: Engine, code: DrainCode, trouble: Trouble): Engine {
  const { key, sinks, options, critical } = crowded.share;
  const ownKey = `${key}#${threadId}`;
  const known = engines.get(ownKey);
  if (known !== undefined && !known.isClosed) return known;
  if (Atomics.exchange(crowded.control, CROWD_TOLD, 1) === 0) {
    trouble(
      `all ${options.lanes} lanes are taken; thread ${threadId} writes by itself, which is slower (raise the option lanes)`,
    );
  }
  const engine = Engine.make(ownKey, sinks, { ...options, sync: true, lanes: 0 }, code, trouble, undefined, critical);
  engines.set(ownKey, engine);
  addHooks();
  return engine;
}

function isClosed(share: EngineShare): boolean {
  return Atomics.load(new Int32Array(share.memory, 0, CONTROL_BYTES / 4), ENGINE_CLOSED) === 1;
}

/** One set of process hooks for all engines of this thread. */
function addHooks(): void {
  if (hasHooks) return;
  hasHooks = true;
  process.on("exit", atExit);
  // A thread that is gone, however it went, needs its lane no more.
  process.on("worker", (worker: Worker) => {
    const id = worker.threadId;
    worker.once("exit", () => {
      for (const engine of engines.values()) {
        engine.releaseLanes(id);
        engine.releaseRole(id);
      }
    });
  });
}

function atExit(): void {
  for (const hook of exitHooks.values()) hook();
  // A listener after this one may still log, and must not meet another owner in its lane: then the thread that made
  // this one gives the lane back, when it has seen its end.
  const isLast = process.listeners("exit").at(-1) === atExit;
  for (const engine of engines.values()) {
    engine.sayLastWords();
    if (!engine.isOwner && isLast) engine.releaseLanes(threadId);
  }
}

const exitHooks = new Map<Engine, () => void>();

/** Called in the `exit` event before the last words: what a thread still has to put into its lane of the engine. */
export function onExit(engine: Engine, hook: () => void): void {
  exitHooks.set(engine, hook);
}

/** Lets go of an engine that was closed on this thread, and with it of its memory. */
export function forgetEngine(engine: Engine): void {
  exitHooks.delete(engine);
  const { key } = engine.share;
  if (engines.get(key) === engine) engines.delete(key);
  if (!engine.isOwner) return;
  const shares = (getEnvironmentData(SHARES) as unknown as EngineShare[] | undefined) ?? [];
  setEnvironmentData(SHARES, shares.filter((share) => share.memory !== engine.share.memory) as never);
}
