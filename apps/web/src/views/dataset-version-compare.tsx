'use client';

import { useData } from '../api/hooks.ts';
import { graphql } from '../gql/gql.ts';
import { VersionComparison } from '../parts/version-comparison.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useUrl } from '../ui/use-url.ts';

const OtherVersionsDocument = graphql(`
  query OtherVersions($id: ID!) {
    dataset(id: $id) {
      id
      versions(first: 100) {
        nodes {
          id
          number
          message
          tags
          retraction {
            reason
          }
        }
      }
    }
  }
`);

/** What changed in a version since another of its dataset: the one before it unless the address says which. */
export function DatasetVersionCompare({ dataset, number }: { dataset: { id: string; name: string }; number: number }) {
  const url = useUrl();
  const query = useData(OtherVersionsDocument, { id: dataset.id });
  return (
    <Loaded query={query}>
      {(data) => {
        const others = data.dataset?.versions.nodes.filter((one) => one.number !== number) ?? [];
        const before = others.find((one) => one.number < number) ?? others[0];
        if (before === undefined) {
          return (
            <div className="page">
              <Empty title="Nothing to compare with">
                <p>
                  This is the only version of {dataset.name}. Once another is registered, its files and the rows of its tables are compared
                  here.
                </p>
              </Empty>
            </div>
          );
        }
        const asked = url.get('with') ?? '';
        const other = /^[1-9]\d{0,8}$/.test(asked) && Number(asked) !== number ? Number(asked) : before.number;
        const isListed = others.some((one) => one.number === other);
        return (
          <VersionComparison dataset={dataset.name} from={String(other)} to={String(number)}>
            <label className="inline-field">
              Compared with
              <select
                className="input"
                value={other}
                onChange={(event) => url.set({ with: event.currentTarget.value, fromTable: null, key: null })}
              >
                {isListed ? null : <option value={other}>@{other}</option>}
                {others.map((one) => (
                  <option key={one.id} value={one.number}>
                    {[`@${one.number}`, ...one.tags, one.message, one.retraction ? 'withdrawn' : '']
                      .filter((word) => word !== '')
                      .join(' · ')}
                  </option>
                ))}
              </select>
            </label>
          </VersionComparison>
        );
      }}
    </Loaded>
  );
}
