// Bars of a column: its values between the lowest and the highest, or its most frequent ones. Drawn in the text's own colours, and
// told in words to who cannot see them.

import type { Bin, TopBar } from '../logic/profile.ts';
import { barHeights, formatEdge, formatShare, histogramWords, topWords } from '../logic/profile.ts';
import { formatCount } from '../logic/format.ts';

interface HistogramProps {
  bins: readonly Bin[];
  kind: string;
  /** With its edges below it, and each bar's own count on hover. */
  large?: boolean;
}

export function Histogram({ bins, kind, large = false }: HistogramProps) {
  const heights = barHeights(bins);
  const [first] = bins;
  const last = bins.at(-1);
  if (first === undefined || last === undefined) return null;
  const width = last.to - first.from;
  return (
    <div className={large ? 'histogram large' : 'histogram'}>
      <svg viewBox={`0 0 ${bins.length} 1`} preserveAspectRatio="none" role="img" aria-label={histogramWords(bins, kind)}>
        {bins.map((bin, index) => {
          const height = heights[index] ?? 0;
          return (
            <g key={bin.from}>
              {/* The whole column of the drawing answers the pointer, however low its bar is. */}
              <rect className="catch" x={index} y={0} width={1} height={1}>
                <title>{`${formatEdge(bin.from, kind, width)} to ${formatEdge(bin.to, kind, width)}: ${formatCount(bin.count)}`}</title>
              </rect>
              <rect className="bin" x={index + 0.06} y={1 - height} width={0.88} height={height} />
            </g>
          );
        })}
      </svg>
      {large ? (
        <div className="edges" aria-hidden="true">
          <span>{formatEdge(first.from, kind, width)}</span>
          <span>{formatEdge(last.to, kind, width)}</span>
        </div>
      ) : null}
    </div>
  );
}

/** The most frequent values side by side, each as wide as its share of the rows. */
export function TopStrip({ bars }: { bars: readonly TopBar[] }) {
  return (
    <div className="top-strip" role="img" aria-label={topWords(bars)}>
      {bars.map((bar, index) => (
        <span
          key={index}
          className={bar.isRest ? 'rest' : undefined}
          style={{ flexGrow: bar.share }}
          title={`${bar.label}: ${formatCount(bar.count)} (${formatShare(bar.share, 1)})`}
        >
          {bar.isRest ? '' : bar.label}
        </span>
      ))}
    </div>
  );
}
