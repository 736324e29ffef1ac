'use client';

import { AlertDialog, Dialog as Radix, Slot } from 'radix-ui';
import type { ReactElement, ReactNode, SubmitEvent } from 'react';
import { useId } from 'react';

import type { ApiError } from '../api/client.ts';
import { CloseIcon } from './icons.tsx';
import { FailureLine } from './states.tsx';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}

/** A dialog over the page; Escape and a click outside close it. */
export function Dialog({ open, onOpenChange, title, description, children, wide = false }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className={wide ? 'dialog wide' : 'dialog'}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className="dialog-head">
            <Radix.Title>{title}</Radix.Title>
            <Radix.Close className="icon-button" aria-label="Close">
              <CloseIcon />
            </Radix.Close>
          </div>
          {description === undefined ? null : <Radix.Description className="dialog-text">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface FormProps {
  onSubmit: (form: FormData) => void;
  submit: string;
  busy: boolean;
  error: ApiError | null;
  onCancel: () => void;
  danger?: boolean;
  disabled?: boolean;
  children: ReactNode;
}

/** The form within a dialog: fields, what went wrong, and two buttons. */
export function DialogForm({ onSubmit, submit, busy, error, onCancel, danger = false, disabled = false, children }: FormProps) {
  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form className="form" onSubmit={send}>
      {children}
      <FailureLine error={error} />
      <div className="form-foot">
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className={danger ? 'button danger' : 'button primary'} disabled={busy || disabled}>
          {busy ? 'Working…' : submit}
        </button>
      </div>
    </form>
  );
}

/** The text of a form's field, trimmed; '' where it is absent. */
export function fieldOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** A field with its name above and, under it, what helps to fill it in; both are told to who cannot see them, apart. */
export function Field({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactElement }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Slot.Root id={id} {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}>
        {children}
      </Slot.Root>
      {hint === undefined ? null : <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  confirm: string;
  busy: boolean;
  error: ApiError | null;
  onConfirm: () => void;
}

/** Asks before something is destroyed or taken away: names it, and what depends on it. */
export function Confirm({ open, onOpenChange, title, children, confirm, busy, error, onConfirm }: ConfirmProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <div className="dialog-head">
            <AlertDialog.Title>{title}</AlertDialog.Title>
          </div>
          <AlertDialog.Description asChild>
            <div className="dialog-text">{children}</div>
          </AlertDialog.Description>
          <FailureLine error={error} />
          <div className="form-foot">
            <AlertDialog.Cancel className="button">Cancel</AlertDialog.Cancel>
            <button type="button" className="button danger" disabled={busy} onClick={onConfirm}>
              {busy ? 'Working…' : confirm}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
