'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import type { TypedDocumentString } from '../gql/graphql.ts';
import { toast } from '../ui/toast.tsx';
import { act, ApiError, request } from './client.ts';

/** The cache key of a document and its variables; the document's own text names it, so two documents never share an entry. */
export function keyOf<Variables>(document: TypedDocumentString<unknown, Variables>, variables: Variables): readonly unknown[] {
  return [document.toString(), variables];
}

interface DataOptions<Result> {
  enabled?: boolean;
  /** Asks again this often, in milliseconds, while the data says so. */
  pollMs?: (data: Result | undefined) => number | false;
  /** Shows the last page while the next one is on its way, so that nothing jumps. */
  keep?: boolean;
  /** For how long the answer is fresh, in milliseconds. */
  staleMs?: number;
}

/** Data of one document. */
export function useData<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  { enabled = true, pollMs, keep = false, staleMs = 5_000 }: DataOptions<Result> = {},
): UseQueryResult<Result, ApiError> {
  return useQuery<Result, ApiError>({
    queryKey: keyOf(document, variables),
    queryFn: ({ signal }) => request(document, variables, signal),
    enabled,
    staleTime: staleMs,
    retry: (failures, error) => error.isPassing && failures < 2,
    ...(pollMs === undefined ? {} : { refetchInterval: (query) => pollMs(query.state.data) }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

interface PageOf {
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/** A list that grows page by page. `pageOf` finds the connection in an answer. */
export function usePages<Result, Variables extends { after?: string | null }>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  pageOf: (data: Result) => PageOf | null | undefined,
  {
    enabled = true,
    keep = false,
    pollMs,
  }: { enabled?: boolean; keep?: boolean; pollMs?: (pages: readonly Result[]) => number | false } = {},
) {
  return useInfiniteQuery<Result, ApiError, { pages: Result[] }, readonly unknown[], string | null>({
    queryKey: [...keyOf(document, variables), 'pages'],
    queryFn: ({ pageParam, signal }) => request(document, { ...variables, after: pageParam }, signal),
    initialPageParam: null,
    getNextPageParam: (last) => {
      const info = pageOf(last)?.pageInfo;
      return info?.hasNextPage === true ? (info.endCursor ?? null) : null;
    },
    enabled,
    staleTime: 5_000,
    retry: (failures, error) => error.isPassing && failures < 2,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
    ...(pollMs === undefined ? {} : { refetchInterval: (query) => pollMs(query.state.data?.pages ?? []) }),
  });
}

interface Undo {
  label?: string;
  run: () => Promise<unknown>;
}

interface ActOptions<Result, Variables> {
  /** What the toast says when it is done, and how to take it back. */
  done?: (result: Result, variables: Variables) => { text: string; undo?: Undo } | null;
  /** Called after the data was refreshed. */
  then?: (result: Result, variables: Variables) => void;
  /** Where the failure is shown: by the caller (a dialog), or as a toast. */
  failure?: 'shown' | 'toast';
}

/** A mutation. When it is done, everything on the page is asked for again. */
export function useAct<Result extends object, Variables>(
  document: TypedDocumentString<Result, Variables>,
  { done, then, failure = 'toast' }: ActOptions<Result, Variables> = {},
) {
  const client = useQueryClient();
  return useMutation<Result, ApiError, Variables>({
    mutationFn: (variables) => act(document, variables),
    onSuccess: async (result, variables) => {
      await client.invalidateQueries();
      const said = done?.(result, variables) ?? null;
      if (said !== null) {
        const { undo } = said;
        toast({
          text: said.text,
          ...(undo === undefined
            ? {}
            : {
                action: {
                  label: undo.label ?? 'Undo',
                  run: async () => {
                    await undo.run();
                    await client.invalidateQueries();
                  },
                },
              }),
        });
      }
      then?.(result, variables);
    },
    onError: (error) => {
      if (failure === 'toast') toast({ text: error.message, tone: 'bad', ...(error.hint === null ? {} : { hint: error.hint }) });
    },
  });
}

export { act, ApiError };
