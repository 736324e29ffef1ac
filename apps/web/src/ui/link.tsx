import NextLink from 'next/link';
import type { ComponentProps } from 'react';

type Props = Omit<ComponentProps<typeof NextLink>, 'href' | 'prefetch'> & { href: string };

/** A link within the dashboard. Pages are small and near, so nothing is fetched ahead: a table of runs would ask for hundreds. */
export function Link({ href, ...rest }: Props) {
  return <NextLink {...rest} href={href} prefetch={false} />;
}
