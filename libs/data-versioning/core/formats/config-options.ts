// The settings that DVC knows, with what each may be. An unknown name is refused with the nearest known one when it is set, since a misspelt setting does nothing.

import { invalid } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';
import { closest } from './closest.ts';

/** What a setting may be. */
type Kind = 'text' | 'bool' | 'count' | 'number' | 'bool or path' | 'links' | readonly string[];
type Options = Readonly<Record<string, Kind>>;

const REMOTE: Options = {
  url: 'text',
  checksum_jobs: 'count',
  jobs: 'count',
  worktree: 'bool',
  no_traverse: 'bool',
  version_aware: 'bool',
};
const LOCAL: Options = { type: 'links', protected: 'bool', shared: ['group'], slow_link_warning: 'bool', verify: 'bool' };
const HTTP: Options = {
  ...{
    auth: ['basic', 'digest', 'custom'],
    custom_auth_header: 'text',
    user: 'text',
    password: 'text',
    ask_password: 'bool',
    ssl_verify: 'bool or path',
  },
  ...{ method: 'text', connect_timeout: 'number', read_timeout: 'number', verify: 'bool' },
};
const S3: Options = {
  ...{
    region: 'text',
    profile: 'text',
    credentialpath: 'text',
    configpath: 'text',
    endpointurl: 'text',
    access_key_id: 'text',
    secret_access_key: 'text',
  },
  ...{
    session_token: 'text',
    listobjects: 'bool',
    use_ssl: 'bool',
    allow_anonymous_login: 'bool',
    ssl_verify: 'bool or path',
    sse: 'text',
    sse_kms_key_id: 'text',
  },
  ...{
    sse_customer_algorithm: 'text',
    sse_customer_key: 'text',
    acl: 'text',
    grant_read: 'text',
    grant_read_acp: 'text',
    grant_write_acp: 'text',
  },
  ...{ grant_full_control: 'text', cache_regions: 'bool', read_timeout: 'number', connect_timeout: 'number', verify: 'bool' },
};
const WEBDAV: Options = {
  ...{
    user: 'text',
    password: 'text',
    ask_password: 'bool',
    token: 'text',
    bearer_token_command: 'text',
    custom_auth_header: 'text',
    cert_path: 'text',
  },
  ...{ key_path: 'text', timeout: 'count', ssl_verify: 'bool or path', verify: 'bool' },
};
const OTHERS: Readonly<Record<string, Options>> = {
  gs: { projectname: 'text', credentialpath: 'text', endpointurl: 'text', verify: 'bool', allow_anonymous_login: 'bool' },
  ssh: {
    ...{
      type: 'links',
      port: 'count',
      user: 'text',
      password: 'text',
      ask_password: 'bool',
      passphrase: 'text',
      ask_passphrase: 'bool',
      keyfile: 'text',
    },
    ...{ timeout: 'count', gss_auth: 'bool', allow_agent: 'bool', max_sessions: 'count', verify: 'bool' },
  },
  hdfs: { user: 'text', kerb_ticket: 'text', replication: 'count' },
  webhdfs: {
    ...{
      kerberos: 'bool',
      kerberos_principal: 'text',
      proxy_to: 'text',
      ssl_verify: 'bool or path',
      token: 'text',
      use_https: 'bool',
      user: 'text',
    },
    ...{ password: 'text', data_proxy_target: 'text', verify: 'bool' },
  },
  azure: {
    ...{
      connection_string: 'text',
      sas_token: 'text',
      account_name: 'text',
      account_key: 'text',
      tenant_id: 'text',
      client_id: 'text',
      client_secret: 'text',
    },
    ...{ allow_anonymous_login: 'bool', exclude_environment_credential: 'bool', exclude_visual_studio_code_credential: 'bool' },
    ...{
      exclude_shared_token_cache_credential: 'bool',
      exclude_managed_identity_credential: 'bool',
      verify: 'bool',
      timeout: 'count',
      read_timeout: 'count',
    },
    ...{ connection_timeout: 'count' },
  },
  oss: { oss_key_id: 'text', oss_key_secret: 'text', oss_endpoint: 'text', verify: 'bool' },
  gdrive: {
    ...{
      profile: 'text',
      gdrive_use_service_account: 'bool',
      gdrive_client_id: 'text',
      gdrive_client_secret: 'text',
      gdrive_user_credentials_file: 'text',
    },
    ...{ gdrive_service_account_user_email: 'text', gdrive_service_account_json_file_path: 'text', gdrive_trash_only: 'bool' },
    ...{ gdrive_acknowledge_abuse: 'bool', verify: 'bool' },
  },
  remote: {},
};
const SCHEMES: Readonly<Record<string, Options>> = {
  '': LOCAL,
  s3: S3,
  http: HTTP,
  https: HTTP,
  throughline: HTTP,
  webdav: WEBDAV,
  webdavs: WEBDAV,
  ...OTHERS,
};

const SECTIONS: Readonly<Record<string, Options>> = {
  core: {
    ...{
      remote: 'text',
      checksum_jobs: 'count',
      interactive: 'bool',
      analytics: 'bool',
      hardlink_lock: 'bool',
      no_scm: 'bool',
      autostage: 'bool',
    },
    ...{ experiments: 'bool', check_update: 'bool', site_cache_dir: 'text', machine: 'text' },
  },
  cache: { dir: 'text', local: 'text', s3: 'text', gs: 'text', hdfs: 'text', webhdfs: 'text', ssh: 'text', azure: 'text', ...LOCAL },
  state: { dir: 'text', row_limit: 'count', row_cleanup_quota: 'count' },
  index: { dir: 'text' },
  feature: { machine: 'bool' },
  plots: { html_template: 'text', auto_open: 'bool', out_dir: 'text' },
  exp: {
    ...{
      code: 'text',
      data: 'text',
      models: 'text',
      metrics: 'text',
      params: 'text',
      plots: 'text',
      live: 'text',
      auto_push: 'bool',
      git_remote: 'text',
    },
  },
  parsing: { bool: ['store_true', 'boolean_optional'], list: ['nargs', 'append'] },
  hydra: { enabled: 'bool', config_dir: 'text', config_module: 'text', config_name: 'text', plugins_path: 'text' },
  studio: { token: 'text', url: 'text', repo_url: 'text', offline: 'bool' },
};
const DATABASE: Options = { url: 'text', username: 'text', password: 'text' };
const LINKS = ['reflink', 'hardlink', 'symlink', 'copy'];

/** Settings whose values are shown to nobody. */
const SECRET =
  /^(?:password|passphrase|token|session_token|secret_access_key|access_key_id|sse_customer_key|connection_string|sas_token|account_key|client_secret|oss_key_id|oss_key_secret|gdrive_client_secret|bearer_token_command)$/;

/** Whether a setting's value is a secret. */
export function isSecretOption(option: string): boolean {
  return SECRET.test(option);
}

/** A value as it may be shown: secrets masked, in addresses too. */
export function maskedValue(option: string, value: string): string {
  if (isSecretOption(option)) return '********';
  // Signatures and tokens stand behind the question mark.
  return value.replace(/^(\w[\w+.-]*:\/\/)[^/?#]*@/, '$1********@').replace(/^(\w[\w+.-]*:\/\/[^?#]*\?)[^#]+/, '$1********');
}

/** Names for completion and for "did you mean": `core.remote`, … without those of remotes. */
export function settingNames(): string[] {
  return Object.entries(SECTIONS).flatMap(([section, options]) => Object.keys(options).map((option) => `${section}.${option}`));
}

/** The options of a remote by its address. */
export function remoteOptions(url: string | null): string[] {
  return Object.keys(optionsOfRemote(url));
}

function optionsOfRemote(url: string | null): Options {
  const scheme = url === null ? null : (/^(\w[\w+.-]*):\/\//.exec(url)?.[1] ?? '');
  // Without an address, or for one that inherits another's, any option may be meant.
  if (scheme === null || scheme === 'remote') return Object.assign({}, REMOTE, ...Object.values(SCHEMES)) as Options;
  const known = SCHEMES[scheme];
  if (known === undefined) {
    const near = closest(scheme, Object.keys(SCHEMES));
    throw unknown(
      `Remotes at ${scheme}:// are not known.`,
      near === null
        ? `Known are ${Object.keys(SCHEMES)
            .filter((name) => name !== '')
            .join(', ')}, and folders.`
        : `Did you mean ${near}://?`,
    );
  }
  return { ...REMOTE, ...known };
}

export interface Setting {
  readonly section: string;
  /** Of a remote or database. */
  readonly name: string | null;
  readonly option: string;
  /** Of the remote, where it is known. */
  readonly url?: string | null;
}

/** The kind of a setting. @throws DomainError `CONFIG_UNKNOWN` with the nearest known name. */
function kindOf({ section, name, option, url = null }: Setting): Kind {
  const options =
    section === 'remote' && name !== null ? optionsOfRemote(url) : section === 'db' && name !== null ? DATABASE : SECTIONS[section];
  if (options === undefined) {
    const near = closest(section, [...Object.keys(SECTIONS), 'remote', 'db']);
    throw unknown(
      `There is no section ${JSON.stringify(section)}.`,
      near === null ? `Known are ${Object.keys(SECTIONS).join(', ')} and remote.` : `Did you mean ${near}?`,
    );
  }
  const kind = Object.hasOwn(options, option) ? options[option] : undefined;
  if (kind !== undefined) return kind;
  const where = name === null ? section : `${section} ${JSON.stringify(name)}`;
  const near = closest(option, Object.keys(options));
  throw unknown(
    `${where} has no setting ${JSON.stringify(option)}.`,
    near === null ? `Known are ${Object.keys(options).join(', ')}.` : `Did you mean ${near}?`,
  );
}

function unknown(message: string, hint: string): DomainError {
  return invalid('CONFIG_UNKNOWN', message, { hint });
}

/** Checks a value for a setting. @throws DomainError `CONFIG_UNKNOWN`, `CONFIG_INVALID`. */
export function checkSetting(setting: Setting, value: string): void {
  const kind = kindOf(setting);
  const wanted = flawOf(kind, value);
  if (wanted === null) return;
  const name = [setting.section, ...(setting.name === null ? [] : [setting.name]), setting.option].join('.');
  throw invalid(
    'CONFIG_INVALID',
    `${name} cannot be ${JSON.stringify(isSecretOption(setting.option) ? '********' : value)}: it must be ${wanted}.`,
  );
}

/** What a value should have been; null where it is right. */
function flawOf(kind: Kind, value: string): string | null {
  if (typeof kind !== 'string') return kind.includes(value.toLowerCase()) ? null : kind.join(' or ');
  if (kind === 'bool') return /^(?:true|false)$/i.test(value) ? null : 'true or false';
  if (kind === 'count') return /^\s*\+?\d{1,9}\s*$/.test(value) && Number(value) >= 1 ? null : 'a whole number of at least 1';
  if (kind === 'number') return value.trim() !== '' && Number(value) >= 0 ? null : 'a number that is not negative';
  if (kind === 'links')
    return value.split(',').every((name) => LINKS.includes(name.trim())) ? null : `some of ${LINKS.join(', ')}, with commas between them`;
  return null;
}
