/** What must hold on every page that the explorer reaches (https://github.com/antithesishq/bombadil). It clicks, types and goes back at random. */
import { always } from '@antithesishq/bombadil';
import { extract } from '@antithesishq/bombadil/browser';
export { defaultActions } from '@antithesishq/bombadil/browser/defaults';
export { noUncaughtExceptions, noUnhandledPromiseRejections } from '@antithesishq/bombadil/browser/defaults/properties';

const page = extract(({ document, window }) => ({
  // A page of the browser itself has no style of ours: between two pages, or after a click on a link to another site.
  isOurs: document.querySelector('link[href$="/assets/style.css"]') !== null,
  headings: document.querySelectorAll('h1').length,
  main: document.querySelectorAll('main').length,
  language: document.documentElement.lang,
  text: document.body?.innerText.slice(0, 20_000) ?? '',
  isWiderThanTheScreen: document.documentElement.scrollWidth > window.innerWidth + 1,
  formsWithoutToken: [...document.querySelectorAll('form[method=post]')].filter(
    (form) => form.querySelector('input[name=_csrf]') === null,
  ).length,
}));

const ofOurs = (holds: () => boolean) => always(() => !page.current.isOurs || holds());

export const everyPageHasOneHeading = ofOurs(() => page.current.headings === 1 && page.current.main === 1);
export const everyPageNamesItsLanguage = ofOurs(() => page.current.language !== '');
export const noPageIsWiderThanTheScreen = ofOurs(() => !page.current.isWiderThanTheScreen);
export const everyFormHasItsToken = ofOurs(() => page.current.formsWithoutToken === 0);
/** What a template shows of a value that was not there, or of an error that nobody foresaw. */
export const nothingIsHalfMade = ofOurs(
  () => !/\bundefined\b|\[object Object\]|\bNaN\b|Invalid Date|Something went wrong here/.test(page.current.text),
);
/** The numbers of the test contacts. */
export const noPhoneNumber = ofOurs(() => !/\+1555\d{7}/.test(page.current.text));
