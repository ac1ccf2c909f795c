import assert from "node:assert/strict";
import { listeningPage, PLAYER } from "../../lib/evaluation/listening_page.ts";
import type { Grid } from "../../lib/score/types.ts";
import { part, piece } from "./music.ts";

/** A quarter at 120 a minute, then a half note and a drum at 60 a minute. */
const MUSIC = {
  ...piece([part([[69, 0, 1], [57, 1, 2]]), part([[36, 1, 1]], true)], "<tune>"),
  tempos: [
    { onset: 0 as Grid, microsecondsPerQuarter: 500_000 },
    { onset: 48 as Grid, microsecondsPerQuarter: 1_000_000 },
  ],
};

function notesIn(page: string): number[][] {
  return JSON.parse(/const NOTES = (.+);\n/.exec(page)![1]);
}

Deno.test("the page has every note in seconds, by the tempo map", () => {
  const page = listeningPage(MUSIC);
  assert.deepEqual(notesIn(page), [
    [0, 0.5, 69, 0.63, 0],
    [0.5, 2.5, 57, 0.63, 0],
    [0.5, 1.5, 36, 0.63, 1],
  ]);
  assert.match(page, /^<!doctype html>\n[\s\S]*<title>&lt;tune&gt;<\/title>[\s\S]*<\/html>\n$/);
});

Deno.test("the page loads nothing from elsewhere", () => {
  const page = listeningPage(MUSIC).replace(`xmlns="http://www.w3.org/2000/svg"`, "");
  assert.doesNotMatch(page, /\b(src|href|url|import|fetch)\b|http/);
});

/** A browser as far as the player sees it; time stands still but for `pass`. */
function fakeBrowser(notes: number[][]) {
  const sounds: { frequency?: number; from: number; to: number }[] = [];
  const node = () => ({ connect: (to: unknown) => to });
  const level = { setValueAtTime() {}, linearRampToValueAtTime() {}, setTargetAtTime() {} };
  const source = () => {
    const sound: typeof sounds[number] = { from: NaN, to: NaN };
    sounds.push(sound);
    return {
      ...node(),
      frequency: {
        set value(frequency: number) {
          sound.frequency = frequency;
        },
      },
      start: (at: number) => sound.from = at,
      stop: (at: number) => sound.to = at,
    };
  };
  const audio = {
    currentTime: 0,
    sampleRate: 100,
    closed: false,
    createGain: () => ({ ...node(), gain: level }),
    createOscillator: source,
    createBufferSource: source,
    createBuffer: () => ({ getChannelData: () => new Float32Array(50) }),
    createDynamicsCompressor: node,
    close: () => audio.closed = true,
  };
  const boxes = notes.map((_, i) => ({
    dataset: { note: i },
    on: false,
    classList: {
      toggle: (_: string, on: boolean) => boxes[i].on = on,
      remove: () => boxes[i].on = false,
    },
  }));
  const button = { textContent: "Play", onclick: () => {} };
  const page = { querySelector: () => button, querySelectorAll: () => boxes };
  let tick = () => {};
  const names = ["NOTES", "document", "AudioContext", "setInterval", "clearInterval"];
  const Audio = function () {
    return audio;
  };
  new Function(...names, PLAYER)(
    notes,
    page,
    Audio,
    (f: () => void) => tick = f,
    () => tick = () => {},
  );
  const pass = (seconds: number) => {
    audio.currentTime += seconds;
    tick();
  };
  return { sounds, audio, boxes, button, pass };
}

Deno.test("the player sounds each note once, at its pitch and time, and shows it", () => {
  const { sounds, audio, boxes, button, pass } = fakeBrowser(notesIn(listeningPage(MUSIC)));
  button.onclick();
  assert.equal(button.textContent, "Stop");
  pass(0.2);
  assert.deepEqual(boxes.map(({ on }) => on), [true, false, false]);
  pass(0.5);
  assert.deepEqual(boxes.map(({ on }) => on), [false, true, true]);
  assert.deepEqual(sounds.map(({ frequency, from }) => [frequency, from]), [
    [440, 0.1],
    [220, 0.6],
    [undefined, 0.6],
  ]);
  pass(3);
  assert.deepEqual([audio.closed, button.textContent, sounds.length], [true, "Play", 3]);
});

Deno.test("a second press stops the player", () => {
  const { audio, boxes, button, pass } = fakeBrowser(notesIn(listeningPage(MUSIC)));
  button.onclick();
  pass(0.2);
  button.onclick();
  assert.deepEqual([audio.closed, button.textContent], [true, "Play"]);
  assert.ok(boxes.every(({ on }) => !on));
});
