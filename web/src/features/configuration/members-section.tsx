import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LinkIcon, Plus, UserMinus } from "lucide-react";
import { useState } from "react";
import { del, patch, post } from "@/api/client.ts";
import { problemText } from "@/api/problem.ts";
import { membersQuery } from "@/api/queries.ts";
import type { Member, Role } from "@/api/types.ts";
import { useSession } from "@/api/use-session.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { day, fullTime } from "@/lib/format.ts";
import { may, roleName, whyNot } from "@/lib/role.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { Chip } from "@/ui/chip.tsx";
import { CopyField } from "@/ui/copy-field.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";
import { toast } from "@/ui/toasts.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import { SectionHead } from "./section-head.tsx";

const roles: readonly Role[] = ["owner", "lead", "reviewer", "viewer"];

/** Who belongs to the organization, and as what. */
export function MembersSection() {
  const session = useSession();
  const query = useQuery(membersQuery);
  const queries = useQueryClient();
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<{ name: string; url: string } | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const allowed = may(session.role, "manage-members");
  useCommand("configuration.create", () => setInviting(true), allowed);

  if (query.isPending) return <SkeletonRows rows={4} height={48} label="Loading members" />;
  if (query.isError) {
    return (
      <ErrorState
        what="The members could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  const renew = () => queries.invalidateQueries({ queryKey: membersQuery.queryKey });
  const setRole = async (member: Member, role: Role) => {
    try {
      await patch(`/api/member/${member.id}`, { role });
      await renew();
      toast({ title: `${member.name} is ${roleName[role].toLowerCase()} now`, seconds: 3 });
    } catch (error) {
      toast({
        title: `The role of ${member.name} could not be changed`,
        body: problemText(error),
        tone: "fail",
      });
    }
  };
  const renewLink = async (member: Member) => {
    try {
      const { invite_url } = await post<{ invite_url: string }>(`/api/member/${member.id}/invitation`);
      setLink({ name: member.name, url: invite_url });
    } catch (error) {
      toast({ title: `There is no link for ${member.name}`, body: problemText(error), tone: "fail" });
    }
  };
  const remove = async (member: Member) => {
    setLeaving(null);
    try {
      await del(`/api/member/${member.id}`);
      await renew();
    } catch (error) {
      toast({ title: `${member.name} could not be removed`, body: problemText(error), tone: "fail" });
    }
  };

  return (
    <>
      <SectionHead
        title="Members"
        reason={allowed ? null : whyNot("manage-members")}
        action={
          <Button
            kind="primary"
            disabled={!allowed}
            onClick={() => setInviting(true)}
            command="configuration.create"
            icon={<Plus className="icon" aria-hidden="true" />}
          >
            Invite
          </Button>
        }
      >
        Everyone in {session.organization.name}. Judgements stay with their author's name, also after they
        leave.
      </SectionHead>
      <ul className="border-t border-line">
        {query.data.map((member) => {
          const me = member.id === session.user.id;
          return (
            <li key={member.id} className="flex min-h-12 items-center gap-3 border-b border-line py-1.5">
              <Avatar id={member.id} name={member.name} viewer={session.user.id} labelled={false} />
              <div className="min-w-0 flex-1">
                <p className="flex items-center gap-2">
                  <span className="truncate font-medium">{member.name}</span>
                  {me && <span className="text-small text-ink-3">you</span>}
                  {member.disabled && <Chip tone="line">Removed</Chip>}
                </p>
                <p className="truncate text-small text-ink-3">{member.email}</p>
              </div>
              <time
                className="text-small text-ink-3 max-sm:hidden"
                dateTime={member.created}
                title={fullTime(new Date(member.created))}
              >
                since {day(new Date(member.created), new Date())}
              </time>
              {allowed && !me && !member.disabled ? (
                <>
                  <select
                    aria-label={`Role of ${member.name}`}
                    value={member.role}
                    onChange={(event) => void setRole(member, event.target.value as Role)}
                    className="h-7 w-[104px] rounded-btn border border-control bg-surface px-1.5 text-[12.5px] coarse:h-11"
                  >
                    {roles.map((role) => (
                      <option key={role} value={role}>
                        {roleName[role]}
                      </option>
                    ))}
                  </select>
                  <Button
                    kind="ghost"
                    square
                    aria-label={`New sign-in link for ${member.name}`}
                    title="New link to choose a password"
                    icon={<LinkIcon className="icon" aria-hidden="true" />}
                    onClick={() => void renewLink(member)}
                  />
                  <Button
                    kind="ghost"
                    square
                    aria-label={`Remove ${member.name}`}
                    icon={<UserMinus className="icon" aria-hidden="true" />}
                    onClick={() => setLeaving(member)}
                  />
                </>
              ) : (
                <span className="w-[104px] flex-none text-ink-2">{roleName[member.role]}</span>
              )}
            </li>
          );
        })}
      </ul>
      <RightsTable />
      {link && (
        <SecretDialog
          what="link"
          description={`With it ${link.name} chooses a password, once, within some days. Their other sign-ins end then.`}
          onClose={() => setLink(null)}
        >
          <CopyField label="link" value={link.url} />
        </SecretDialog>
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      <ConfirmDialog
        what={leaving?.name ?? null}
        verb="Remove"
        title={`Remove ${leaving?.name ?? ""}`}
        onConfirm={() => leaving && void remove(leaving)}
        onClose={() => setLeaving(null)}
      >
        Their sessions and keys end at once. What they judged and wrote stays, under their name.
      </ConfirmDialog>
    </>
  );
}

const matrix: readonly [string, readonly Role[]][] = [
  ["Read traces, reviews and figures", ["owner", "lead", "reviewer", "viewer"]],
  ["Judge, comment, correct, flag, complete", ["owner", "lead", "reviewer"]],
  ["Configure scores; resolve any comment", ["owner", "lead"]],
  ["Invite, change and remove members", ["owner"]],
];

function RightsTable() {
  return (
    <section aria-label="What each role may do" className="pt-8">
      <h3 className="mb-1 text-micro font-medium text-ink-3">What each role may do</h3>
      <table className="w-full border-collapse text-small">
        <thead>
          <tr>
            <th scope="col" className="sr-only">
              Right
            </th>
            {roles.map((role) => (
              <th
                key={role}
                scope="col"
                className="h-7 w-[72px] border-b max-sm:w-[56px] max-sm:text-micro border-line text-left font-medium text-ink-3"
              >
                {roleName[role]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map(([right, who]) => (
            <tr key={right}>
              <th scope="row" className="border-b border-line py-1.5 pr-3 text-left font-normal text-ink-2">
                {right}
              </th>
              {roles.map((role) => (
                <td key={role} className="border-b border-line">
                  {who.includes(role) ? "yes" : <span className="text-ink-3">no</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
