/** For reading alone: an address without a host is of it. */
const here = 'http://here.invalid';

/**
 * A path of ours to lead a browser to, of what a link or a form says: `/` for everything that a browser would read as the address of another
 * host, by the rules by which browsers read (`//host`, `/\host`, a tab in between, `/..//host`), and for the sign-in itself.
 */
export function ownPath(to: string | undefined): string {
  if (to === undefined || !to.startsWith('/') || !URL.canParse(to, here)) return '/';
  const { origin, pathname, search } = new URL(to, here);
  const isOurs = origin === here && !pathname.startsWith('//') && !/^\/sign-(in|out)\b/.test(pathname);
  return isOurs ? pathname + search : '/';
}
