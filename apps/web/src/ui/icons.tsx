// One small family of icons: 16 px, strokes of 1.5, in the colour of the text around them. All are decoration beside words or
// within buttons that have a name.

import type { ReactNode } from 'react';

function Icon({ children, size = 16 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const HomeIcon = () => (
  <Icon>
    <path d="M2.500 7.500 8 3l5.500 4.500V13h-4V9.500h-3V13h-4z" />
  </Icon>
);
export const ExperimentIcon = () => (
  <Icon>
    <path d="M6 2.500h4M6.800 2.500v4L3 12.200c-.5.8 0 1.300.8 1.300h8.400c.8 0 1.300-.5.8-1.300L9.200 6.500v-4M5 10h6" />
  </Icon>
);
export const DatasetIcon = () => (
  <Icon>
    <ellipse cx="8" cy="4" rx="5" ry="1.800" />
    <path d="M3 4v8c0 1 2.200 1.800 5 1.800s5-.8 5-1.800V4M3 8c0 1 2.200 1.800 5 1.800S13 9 13 8" />
  </Icon>
);
export const ModelIcon = () => (
  <Icon>
    <path d="m8 2 5.200 3v6L8 14l-5.200-3V5zM2.800 5 8 8l5.200-3M8 8v6" />
  </Icon>
);
export const DeploymentIcon = () => (
  <Icon>
    <path d="M8 10V2.500M5 5l3-2.500L11 5M3 9.500v3.200c0 .5.300.8.8.8h8.400c.5 0 .8-.3.8-.8V9.500" />
  </Icon>
);
export const LineageIcon = () => (
  <Icon>
    <circle cx="3.500" cy="12" r="1.600" />
    <circle cx="12.500" cy="4" r="1.600" />
    <path d="M5.100 12h1.300c3.200 0 1.600-8 4.500-8" />
  </Icon>
);
export const SettingsIcon = () => (
  <Icon>
    <path d="M2.500 4.500h6M11.500 4.500h2M2.500 11.500h2M7.500 11.500h6" />
    <circle cx="10" cy="4.500" r="1.500" />
    <circle cx="6" cy="11.500" r="1.500" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.200" />
    <path d="m10.200 10.200 3.300 3.300" />
  </Icon>
);
export const FoldIcon = () => (
  <Icon>
    <rect x="2" y="3" width="12" height="10" rx="1.500" />
    <path d="M6 3v10" />
  </Icon>
);
export const ThemeIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.500" />
    <path d="M8 2.500a5.500 5.500 0 0 1 0 11z" fill="currentColor" />
  </Icon>
);
export const KeyboardIcon = () => (
  <Icon>
    <rect x="1.500" y="4" width="13" height="8" rx="1.500" />
    <path d="M4 6.800h.01M6.700 6.800h.01M9.400 6.800h.01M12 6.800h.01M5 9.500h6" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon size={14}>
    <rect x="2" y="5" width="8" height="9" rx="1.500" />
    <path d="M6 5V3.500C6 2.700 6.700 2 7.500 2h5c.8 0 1.500.7 1.500 1.500v6c0 .8-.7 1.500-1.500 1.500H10" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon size={14}>
    <path d="m3 8.500 3.200 3L13 4.500" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon size={14}>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);
export const ChevronIcon = () => (
  <Icon size={14}>
    <path d="m6 3.500 4.500 4.500L6 12.500" />
  </Icon>
);
export const DownIcon = () => (
  <Icon size={14}>
    <path d="m3.500 6 4.500 4.500L12.500 6" />
  </Icon>
);
export const FolderIcon = () => (
  <Icon>
    <path d="M2 4.500c0-.6.4-1 1-1h3l1.500 1.500H13c.6 0 1 .4 1 1V12c0 .6-.4 1-1 1H3c-.6 0-1-.4-1-1z" />
  </Icon>
);
export const FileIcon = () => (
  <Icon>
    <path d="M4 2.500h5l3 3v8H4zM9 2.500v3h3" />
  </Icon>
);
export const TableIcon = () => (
  <Icon>
    <path d="M2.500 3.500h11v9h-11zM2.500 6.500h11M2.500 9.500h11M6.500 6.500v6" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon size={14}>
    <path d="M8 2.500v7.500M4.800 7.200 8 10.200l3.200-3M3 13.500h10" />
  </Icon>
);
export const WarningIcon = () => (
  <Icon>
    <path d="M8 2.500 14 13H2zM8 6.500v3M8 11.300v.01" />
  </Icon>
);

/** The mark: a line from one point to another. */
export function Mark() {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="2"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <circle cx="4" cy="15" r="2" />
      <circle cx="16" cy="5" r="2" />
      <path d="M6 15h2c4 0 2-10 6-10" />
    </svg>
  );
}
