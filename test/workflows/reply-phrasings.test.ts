import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../src/workflows/pager-contract.js';
import { keywords } from '../../src/workflows/reply-phrases.js';
import { parseReply } from '../../src/workflows/reply-parser.js';
import { pageTemplate } from '../../src/twilio/page-template.js';

const minute = 60_000;
const hour = 60 * minute;

/** What people write, one a line, by what they mean. */
const phrasings: { command: Command | null; texts: string }[] = [
  {
    command: { verb: 'acknowledge' },
    texts: `
      ACK
      ack!
      Acknowledged
      acknowledged.
      Acked
      acking
      okay
      Okay!
      OKAY.
      ok thanks
      Ok, thanks!
      ok thank you
      okay thx
      ok ty
      okey
      k
      kk
      K.
      ok ok
      yep
      yup
      Yeah
      yea
      y
      sure
      Sure thing
      alright
      all right
      got it
      Got it!
      got it, thanks
      ok got it
      I got it
      I've got it
      I’ve got it
      ive got this
      i got this
      on it
      On it!
      on it 👍
      I'm on it
      I’m on it.
      im on it
      I am on it
      ok I am on it
      ok, on it, thanks
      already on it
      on this
      working on it
      I'm working on it
      looking
      looking into it
      I'm looking into it
      Looking at it now
      looking at this now
      checking
      checking it
      Checking now
      investigating
      I'm investigating
      having a look
      taking a look
      I'll take a look
      let me check
      let me look
      I will check
      I'll look into it
      will do
      will do!
      will check
      will look into it
      mine
      Mine!
      it's mine
      this is mine
      mine, thanks
      taken
      taking it
      take
      take it
      Take this one
      I take it
      I take this
      I'll take it
      I’ll take this one
      I will take it
      ill take it
      I can take it
      let me take it
      I'll take care of it
      I will handle it
      I'll do it
      claim
      roger
      Roger that
      copy
      Copy that
      wilco
      understood
      noted
      affirmative
      on my way
      omw
      hi, on it
      Hello, I take it
      please acknowledge
      yes thanks
      yes, on it
      Yes, I take it
      yes yes
      👍
      👍👍
      👍🏽
      👍🏿 thanks
      ok 👍
      👌
      👌🏼
      ✅
      ✔️
      ☑️
      🆗
      🫡
      ok 🙏
      ok 😊
      ja
      Ja!
      ja danke
      jawohl
      oui
      Oui, merci
      d’accord
      sí
      si
      Sí, gracias
      sim
      vale
      va bene
      tak
      ano
      да
      так
      igen
      kyllä
      evet
      tamam
      ναι
      כן
      हाँ
      是
      好的
      はい
      了解です
      네
      vâng
      a\u200Bck
      \u200Eack
      A\u00ADCK
      ａｃｋ
      *ACK*
      "ack"
      (ok)
    `,
  },
  {
    command: { verb: 'acknowledge', number: 2 },
    texts: `
      2
      #2
      2.
      2!
      (2)
      [2]
      02
      2️⃣
      ②
      ２
      ٢
      ۲
      २
      ๒
      ack 2
      ACK2
      ack-2
      ack #2
      2 ack
      2a
      ok 2
      2 ok
      okay 2
      yes 2
      take 2
      I take 2
      2 is mine
      2 please
      number 2
      item 2
      got it 2
      2 👍
      👍 2
      2, thanks
      I'll take it 2
    `,
  },
  {
    command: { verb: 'acknowledge', numbers: [1, 2] },
    texts: `
      1 2
      1,2
      1, 2
      1 and 2
      1 & 2
      1 und 2
      1 y 2
      1/2
      ack 1 2
      ack 1, 2
      ack 1 and 2
      1 2 ok
      take 1 and 2
      ok 1 2
      #1 #2
      1 2 please
      1-2
      1 - 2
      1 2 1
      ١ ٢
    `,
  },
  {
    command: { verb: 'acknowledge', all: true },
    texts: `
      ALL
      all
      ack all
      ALL!
      all please
      take all
      ok all
      all of them
      take them all
      I take all
      I'll take them all
      I'll take all
      everything
      ack everything
      all mine
    `,
  },
  {
    command: { verb: 'rerun' },
    texts: `
      R
      r.
      rerun
      re-run
      Rerun it
      rerun please
      please rerun
      retry
      Retry!
      retry please
      ok retry
      ok, retry it
      yes, retry
      Run it again
      run it again please
      run again
      Run the refresh again
      try again
      Try it again
      please try again
      refresh
      refresh it
      refresh again
      run it
      run it once more
      🔁
      🔄
    `,
  },
  {
    command: { verb: 'rerun', number: 2 },
    texts: `
      R 2
      r2
      2 r
      rerun 2
      retry 2
      run 2 again
      retry #2 please
      ok retry 2
      run it again 2
    `,
  },
  {
    command: { verb: 'resolve' },
    texts: `
      DONE
      done.
      Done!
      done, thanks
      d
      fixed
      Fixed!
      fixed it
      It is fixed
      It's fixed
      it’s fixed now
      I fixed it
      I have fixed it
      ok fixed
      ok done
      resolved
      It is resolved
      resolve
      solved
      sorted
      closed
      already fixed
      is done
      works again
      It works again
      it works now
    `,
  },
  {
    command: { verb: 'resolve', number: 2 },
    texts: `
      DONE 2
      2 done
      2 d
      2 is fixed
      fixed 2
      2 fixed
      resolve 2
      close 2
    `,
  },
  {
    command: { verb: 'snooze', durationMs: hour },
    texts: `
      snooze
      Z
      snooze it
      snooze please
      snooze 1h
      snooze for 1 hour
      snooze for an hour
      snooze an hour
      Z 60m
      ok snooze 60 min
      snooze for 60
    `,
  },
  {
    command: { verb: 'snooze', durationMs: 30 * minute },
    texts: `
      snooze 30m
      snooze 30 min
      z 30 minutes
      snooze for 30 minutes
      snooze it for 30 min please
      snooze half an hour
      snooze for half an hour
      snooze for 30
      snooze 0.5h
    `,
  },
  { command: { verb: 'snooze', number: 30, durationMs: hour, minutesMs: 30 * minute }, texts: 'snooze 30\nZ 30\nz30' },
  {
    command: { verb: 'snooze', durationMs: 90 * minute },
    texts: 'snooze 1h30m\nsnooze 1h 30m\nsnooze 1.5h\nsnooze 1,5 hours\nsnooze 90 min',
  },
  { command: { verb: 'snooze', durationMs: 120 * minute }, texts: 'snooze 120\nZ 120\nsnooze 2 hours' },
  {
    command: { verb: 'snooze', number: 2, durationMs: hour },
    texts: 'snooze 2 1h\n2 z\n2 snooze\nsnooze 2 for 1 hour\n2 snooze 1h\nsnooze #2 for an hour',
  },
  {
    command: { verb: 'list', page: 1 },
    texts: `
      ?
      ???
      LIST
      list please
      list?
      status
      Status?
      what's open?
      What is open
      what else?
      show all
      list all
    `,
  },
  { command: { verb: 'list', page: 2 }, texts: 'LIST 2\nlist 2?\n? 2' },
  {
    command: { verb: 'start', word: 'yes' },
    texts: 'YES\nyes\nYes!\nyes.',
  },
  {
    command: { verb: 'who' },
    texts: `
      WHO
      who
      Who?
      who ??
      oncall
      On call
      on-call
      on call?
      on call now
      who is on call
      Who is on call?
      who is on call now?
      who is on-call
      who is oncall
      who's on call
      Who’s on call?
      whos on call please
      who's oncall
      ok, who is on call?
      who, thanks
    `,
  },
  {
    command: { verb: 'swap', contact: 'ben', time: { kind: 'tonight' } },
    texts: `
      SWAP ben tonight
      swap ben tonight
      Swap Ben tonight.
      swap with ben tonight
      please swap ben tonight
      swap ben tonight please
      ＳＷＡＰ ben tonight!
    `,
  },
  {
    command: { verb: 'swap', contact: 'ben', time: { kind: 'hours', from: 18 * 60, to: 9 * 60 } },
    texts: `
      SWAP ben 18:00-09:00
      swap ben 18:00 - 9:00
      swap ben 18:00–09:00
      swap ben 18:00 to 09:00
      swap ben from 18:00 to 09:00
      swap with ben 18:00-09:00 thanks
    `,
  },
  {
    command: { verb: 'swap', contact: 'ben', time: { kind: 'until', to: 9 * 60 } },
    texts: `
      SWAP ben until 09:00
      swap ben till 9:00
    `,
  },
  {
    command: { verb: 'swap', contact: 'ben', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      SWAP ben 2h
      swap ben 2 h
      swap ben for 2 hours
      swap ben 120 min
      swap ben 2h.
    `,
  },
  {
    command: { verb: 'swap', contact: 'ops-2', time: { kind: 'for', ms: 1.5 * hour } },
    texts: `
      SWAP ops-2 1h30m
      swap ops-2 90m
      swap ops-2 1.5h
    `,
  },
  {
    command: { verb: 'swap', schedule: 'data', contact: 'ben', time: { kind: 'tonight' } },
    texts: `
      SWAP data ben tonight
      swap data ben tonight, please
    `,
  },
  {
    command: { verb: 'mute', name: 'Finance', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE Finance 2h
      mute Finance 2 hours
      mute Finance for 2h
      Mute "Finance" 2h.
      mute “Finance” 120m, please
    `,
  },
  {
    command: { verb: 'mute', name: 'Sales EU', time: { kind: 'for', ms: hour / 2 } },
    texts: `
      MUTE "Sales EU" 30m
      mute Sales EU 30m
      mute «Sales EU» 30 min
      mute Sales EU for half an hour
    `,
  },
  {
    command: { verb: 'mute', name: 'Finance/**', time: { kind: 'until', to: 6 * 60 } },
    texts: `
      MUTE Finance/** until 06:00
      mute Finance/** till 6:00
    `,
  },
  {
    command: { verb: 'mute', name: 'Top 10', time: { kind: 'for', ms: 1.5 * hour } },
    texts: `
      mute Top 10 1h30m
      mute Top 10 90m
      mute "Top 10" 1 h 30 m
    `,
  },
  {
    command: { verb: 'mute', number: 2, time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE 2 2h
      mute 02 for 2h
      mute [2] 120 min
      mute #2 2h
    `,
  },
  {
    command: { verb: 'mute', name: '2', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE "2" 2h
    `,
  },
  {
    command: { verb: 'mute', name: 'Sales - EU', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE Sales - EU 2h
      MUTE Sales \u2013 EU 2h
      mute "Sales \u2014 EU" 2h
    `,
  },
  {
    command: { verb: 'mute', name: 'Sales and ma...', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE "Sales and ma\u2026" 2h
      MUTE Sales and ma... 2h
    `,
  },
  {
    command: { verb: 'mute', name: 'Q3-2026 10-2026', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE Q3-2026 10-2026 2h
      MUTE "Q3-2026 10-2026" 2h
    `,
  },
  {
    command: { verb: 'mute', name: 'Budget 2024 2025 2026', time: { kind: 'for', ms: 2 * hour } },
    texts: `
      MUTE Budget 2024 2025 2026 2h
    `,
  },
  {
    command: { verb: 'unknown' },
    texts: `
      mute
      MUTE!
      mute 2h
      mute Finance
      mute 1h 30m
      mute 1 h 30 m
      mute 100 2
      mute Finance 2
      mute Finance 0h
      mute Finance tonight
      mute Finance 18:00-09:00
      mute Finance 2h?
      mute Finance not 2h ok
      mute all 2h
      mute everything 2h
      mute it 2h
      mute * 2h
      mute */** 2h
      mute Fin* 2h
      mute "Finance 2h
      mute "" 2h
      mute +4915550100001 2h
      mute 555 010 0001 2h
      mute 555 - 010 - 0001 2h
      mute (555) 010 / 0001 2h
      mute 555_010_0001 2h
      mute "call 555.010.0001" 2h
      mute Sales 0171 2026 555 2h
      mute Sales +1 2h
      don't mute Finance 2h
      mute not Finance 2h
      do not mute Finance 2h
      unmute Finance
      why mute Finance 2h
      muted Finance 2h
    `,
  },
  {
    command: { verb: 'code', code: '4821' },
    texts: `
      4821
      4821.
      #4821
       4821 !
      ４８２１
      ٤٨٢١
    `,
  },
  {
    command: { verb: 'unknown' },
    texts: `
      swap
      SWAP!
      swap ben
      swap tonight
      swap with tonight
      swap 2h
      swap ben 2
      swap ben 0h
      swap 2 1h
      swap ben cleo dave tonight
      swap ben tomorrow
      swap ben 25:00-09:00
      swap ben 18:00-
      swap ben 18-9
      swap ben 6pm to 9am
      swap ben until noon
      swap ben until
      swap ben not tonight
      do not swap ben tonight
      can you swap ben tonight
      swap ben tonight?
      don't swap
      swapped with ben
      swap +15550100001 2h
      swap ben@example.com 2h
      0821
      482
      48210
      4821 4821
      ok 4821
      4821 ok
      ack 4821
      code 4821
      not 4821
      4821?
      1821-2
    `,
  },
  {
    command: { verb: 'unknown' },
    texts: `
      who broke this?
      who broke it
      who 2
      who is 2
      who is on
      who is on it?
      who is there
      who are you
      who was on call
      who will be on call
      who is on call tomorrow
      who is not on call
      not on call
      I'm on call
      I am not on call
      is ben on call
      ben is on call
      why am I on call
      call
      on
      who ack
      who list
      list who
      who all
      on call 2
    `,
  },
  {
    command: { verb: 'unknown' },
    texts: `
      not ok
      Not OK!
      this is not ok
      ok not
      ok no
      no
      No!
      nope
      nah
      nein
      non
      нет
      いいえ
      no 2
      not 2
      2 no
      not mine
      not me
      no ack
      don't ack
      do not ack
      can't
      I can't
      can’t take it
      I can't take it
      cannot
      I cannot take it
      I won't take it
      I will not take it
      I'm not on it
      not on it
      never
      who takes it
      who is on it
      someone else take it
      you take it
      can you take it
      can you take it?
      will you take it
      ask lead
      call me
      wrong number
      wrong person
      who is this
      who is this?
      why
      why?
      what
      what?
      what is this
      again
      Again!
      again?!
      still broken
      it is broken
      it is not fixed
      not fixed
      not done
      not done yet
      isn't done
      done?
      fixed?
      ok?
      okay?
      ack?
      2?
      mine?
      is it fixed?
      is it mine?
      should I take it?
      ok but
      ok but later
      ok stop
      stop please
      stop it
      later
      tomorrow
      not now
      maybe
      busy
      I am asleep
      sleeping 😴
      👎
      👎🏾
      ok 👎
      ❌
      🤷
      😡
      🙄
      ok 🙄
      ack done
      done ack
      rerun done
      R all
      done all
      2 all
      snooze all
      z 2 3
      z 0m
      0
      100
      555-1234
      10-4
      3:30
      at 3:30
      50%
      $2
      <3
      +1
      -1
      1.5
      3-1
      thanks
      thank you
      hello
      good night
      fail
      error 2
      r u ok
      I take nothing
      take a pill
      on vacation
      on holiday
      got it wrong
      roger rabbit
      help me
      end it
      please cancel
      ok yes no
      ignore
      wtf
      stfu
      shut up
      enough
      too many messages
      yes but no
      ok I quit
      lorem ipsum dolor
    `,
  },
  {
    command: { verb: 'acknowledge', number: 7 },
    texts: `
      Liked “[7] Workbook refresh failed: "Sales"…”
      Loved “[7] Workbook refresh failed: "Sales"”
      Liked "[7] Workbook refresh failed"
      Reacted 👍 to “[7] Workbook refresh failed: "Sales"”
      👍 to “[7] Workbook refresh failed: "Sales"”
      \u200B👍\u200B to “\u200A[7] Workbook refresh failed: "Sales"\u200A”
      👍🏽 to “[7] Workbook refresh failed”
      ❤️ to “[7] Workbook refresh failed”
      ✅ to “[7] Workbook refresh failed”
      Gefällt „[7] Workbook refresh failed“
    `,
  },
  {
    command: { verb: 'acknowledge', numbers: [1, 2], inMessage: true },
    texts: 'Liked “13 failed refreshes open, 13 new. Worst: [1] "A", [2] "B". Reply ALL to take them”',
  },
  {
    command: { verb: 'unknown' },
    texts: `
      Disliked “[7] Workbook refresh failed: "Sales"”
      Laughed at “[7] Workbook refresh failed: "Sales"”
      Questioned “[7] Workbook refresh failed: "Sales"”
      Emphasized “[7] Workbook refresh failed: "Sales"”
      👎 to “[7] Workbook refresh failed: "Sales"”
      😂 to “[7] Workbook refresh failed: "Sales"”
    `,
  },
  {
    // Nothing is asked for: a reaction that was taken back, or one to a confirmation.
    command: null,
    texts: `
      Removed a like from “[7] Workbook refresh failed: "Sales"”
      Removed a heart from “[7] Workbook refresh failed”
      Removed an exclamation mark from “[7] Workbook refresh failed”
      Removed 👍 from “[7] Workbook refresh failed”
      👍 removed from “[7] Workbook refresh failed”
      Liked “Taken: "Sales". Reminder in 4 h.”
      👍 to “"Sales" works again after 42 min. Nothing to do.”
      Liked “12 open. [1] "Sales", 5 min”
    `,
  },
];

const lines = (texts: string): string[] => texts.split('\n').flatMap((line) => line.trim() || []);

describe('real phrasings', () => {
  for (const { command, texts } of phrasings) {
    for (const text of lines(texts)) {
      test(`${JSON.stringify(text)} is ${JSON.stringify(command)}`, () => {
        assert.deepEqual(parseReply(text), command);
      });
    }
  }

  test('are more than 300', () => {
    const all = phrasings.flatMap(({ texts }) => lines(texts));
    assert.ok(new Set(all).size > 300, `${new Set(all).size}`);
  });
});

test('no refusal becomes an approval by what stands around it', () => {
  const refusals = ['not', 'no', "can't", 'don’t', 'never', 'nobody', 'wrong', 'stop', 'cancel', '👎', '😡', 'but'];
  const approvals = phrasings
    .filter(({ command }) => command !== null && ['acknowledge', 'resolve', 'rerun', 'snooze'].includes(command.verb))
    .flatMap(({ texts }) => lines(texts))
    .filter((text) => !/[“„]|^Liked/.test(text));
  for (const text of approvals)
    for (const refusal of refusals)
      for (const whole of [`${refusal} ${text}`, `${text} ${refusal}`])
        assert.deepEqual(parseReply(whole), { verb: 'unknown' }, whole);
});

test("Twilio's opt-out, opt-in and help words have no other meaning", () => {
  const expected: Record<string, Command> = {
    stop: { verb: 'stop' },
    start: { verb: 'start', word: 'start' },
    yes: { verb: 'start', word: 'yes' },
    help: { verb: 'help' },
  };
  for (const [meaning, words] of Object.entries(keywords))
    for (const word of words)
      for (const text of [word, word.toUpperCase(), ` ${word}.`])
        assert.deepEqual(parseReply(text), expected[meaning], text);
});

test('the titles of our own buttons, written by hand, are the buttons', () => {
  for (const { title, id } of pageTemplate.buttons) {
    for (const text of [title, title.toLowerCase(), `${title}!`]) assert.deepEqual(parseReply(text), parseReply(id));
  }
});

test('takes time that grows with the length alone', () => {
  const pieces = ['1 ', '1,', '1-', ' ', '?', 'ack ', '👍', 'removed a ', '[1] ', 'Liked “[1] ', '\u200B', 'z 1h '];
  for (const piece of pieces) {
    const started = performance.now();
    parseReply(piece.repeat(1_000_000 / piece.length));
    for (let times = 0; times < 10; times += 1) parseReply(piece.repeat(1_999 / piece.length));
    assert.ok(performance.now() - started < 500, piece);
  }
});
