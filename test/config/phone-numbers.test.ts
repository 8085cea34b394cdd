import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withoutVariant } from '../../src/config/phone-numbers.js';

describe('two spellings of one number', () => {
  const table: [string, string, string][] = [
    ['a mobile of Mexico City', '+525512345678', '+5215512345678'],
    ['a mobile of Tijuana', '+526641234567', '+5216641234567'],
    ['a mobile of Buenos Aires', '+541123456789', '+5491123456789'],
    ['a mobile of Mar del Plata', '+542231234567', '+5492231234567'],
    ['a mobile of La Rioja', '+543801234567', '+5493801234567'],
    ['a mobile of São Paulo', '+551187654321', '+5511987654321'],
    ['a mobile of Porto Alegre', '+555161234567', '+5551961234567'],
    ['a mobile of Recife', '+558171234567', '+5581971234567'],
    ['a mobile of Brasília', '+556199999999', '+5561999999999'],
  ];
  for (const [what, plain, variant] of table)
    test(`${what}: ${plain} and ${variant}`, () => assert.equal(withoutVariant(variant), withoutVariant(plain)));
});

describe('two numbers stay two', () => {
  const table: [string, string, string][] = [
    ['a landline of São Paulo and a mobile with its digits after a 9', '+551133334444', '+5511933334444'],
    ['the same with 2', '+552122334455', '+5521922334455'],
    ['the same with 4', '+554144445555', '+5541944445555'],
    ['the same with 5', '+551155556666', '+5511955556666'],
    ['a mobile that begins with 91', '+551112345678', '+5511912345678'],
    ['an area code with a zero, which Brazil has not', '+552087654321', '+5520987654321'],
    ['an area code that begins with 1, which Mexico has not', '+521234567890', '+5211234567890'],
    ['a number of 0800, which has no mobile spelling', '+548001234567', '+5498001234567'],
    ['an area code that Argentina has not', '+541223456789', '+5491223456789'],
    ['a number of another country', '+15512345678', '+115512345678'],
  ];
  for (const [what, one, other] of table)
    test(`${what}: ${one} and ${other}`, () => assert.notEqual(withoutVariant(one), withoutVariant(other)));
});
