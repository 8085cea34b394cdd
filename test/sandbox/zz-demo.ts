import { createSandbox } from '/work/main/src/sandbox/sandbox.ts';
const s = createSandbox({ accountSid: 'AC' + 'a'.repeat(32), authToken: 'tok', pat: { name: 'p', secret: 's' }, log: (l) => console.log('LOG', l) });
await s.listen(8799);
console.log(s.url);
