/**
 * A piece as a web page: its piano roll, and a button that plays it in any browser.
 *
 * @module
 */
import { secondsAt } from "../score/seconds.ts";
import { GRID_PER_QUARTER, type Part, type Piece } from "../score/types.ts";
import { escaped, pianoRollSvg } from "./piano_roll.ts";

/**
 * The page as HTML, complete in itself: nothing is loaded from elsewhere. The sound is plain, one
 * triangle wave a note and noise for drums: it is for a first impression, a player with real instruments
 * does better.
 */
export function listeningPage(piece: Piece): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(piece.source)}</title>
<style>
body { font-family: sans-serif; margin: 1em; }
button { font-size: 1.2em; margin: 0 0 1em 32px; padding: 0.3em 1.5em; }
.on { stroke: #000; stroke-width: 1.5; }
</style>
<button>Play</button>
${pianoRollSvg(piece)}
<script>
const NOTES = ${JSON.stringify(piece.parts.flatMap((part) => playedNotes(part, piece)))};
${PLAYER}
</script>
</html>
`;
}

/** A note as the player takes it: start and end in seconds, pitch (0–127), loudness (0–1), 1 for a drum. */
type PlayedNote = readonly [from: number, to: number, pitch: number, loudness: number, drum: 0 | 1];

/** In the order of the boxes in the picture. */
function playedNotes({ notes, drums }: Part<number>, { tempos }: Piece): PlayedNote[] {
  const seconds = (grid: number) => round(secondsAt(tempos, GRID_PER_QUARTER, grid));
  return notes.map(({ onset, duration, pitch, velocity }) => [
    seconds(onset),
    seconds(onset + duration),
    pitch,
    round(velocity / 127),
    drums ? 1 : 0,
  ]);
}

/** Milliseconds are exact enough, and keep the file small. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/**
 * The script of the page. Sounds are ordered half a second ahead, since timers are late at times.
 * Boxes have the number of their note in `data-note`.
 */
export const PLAYER = `
const button = document.querySelector("button");
const boxes = [...document.querySelectorAll("[data-note]")];
const order = NOTES.map((_, i) => i).sort((a, b) => NOTES[a][0] - NOTES[b][0]);
const end = NOTES.reduce((end, [, to]) => Math.max(end, to), 0);
let audio, output, start, next, timer;

function sound([from, to, pitch, loudness, drum]) {
  const gain = audio.createGain();
  const level = 0.3 * loudness ** 1.5;
  const source = drum ? noise(pitch) : tone(pitch);
  const [begin, stop] = [start + from, start + (drum ? from + 0.1 : to)];
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(level, begin + 0.01);
  gain.gain.setTargetAtTime(level * 0.4, begin + 0.01, 0.4);
  gain.gain.setTargetAtTime(0, stop, 0.04);
  source.connect(gain).connect(output);
  source.start(begin);
  source.stop(stop + 0.3);
}

function tone(pitch) {
  const source = audio.createOscillator();
  source.type = "triangle";
  source.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
  return source;
}

function noise(pitch) {
  const source = audio.createBufferSource();
  source.buffer = audio.createBuffer(1, audio.sampleRate / 2, audio.sampleRate);
  const samples = source.buffer.getChannelData(0);
  const smooth = pitch < 38 ? 0.97 : pitch < 42 ? 0.6 : 0;
  for (let i = 0, last = 0; i < samples.length; i++) {
    const x = 43758.5453 * Math.sin(12.9898 * i);
    last = smooth * last + (1 - smooth) * (2 * (x - Math.floor(x)) - 1);
    samples[i] = last / Math.sqrt(1 - smooth);
  }
  return source;
}

function tick() {
  const now = audio.currentTime - start;
  while (next < order.length && NOTES[order[next]][0] < now + 0.5) sound(NOTES[order[next++]]);
  for (const box of boxes) {
    const [from, to] = NOTES[box.dataset.note];
    box.classList.toggle("on", from <= now && now < to);
  }
  if (now > end + 1) stop();
}

function stop() {
  clearInterval(timer);
  audio.close();
  audio = undefined;
  button.textContent = "Play";
  for (const box of boxes) box.classList.remove("on");
}

button.onclick = () => {
  if (audio) return stop();
  audio = new AudioContext();
  output = audio.createDynamicsCompressor();
  output.connect(audio.destination);
  start = audio.currentTime + 0.1;
  next = 0;
  button.textContent = "Stop";
  timer = setInterval(tick, 40);
};
`;
