import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ConfigurationPage as Configuration } from "@/features/configuration/configuration-page.tsx";

const route = getRouteApi("/app/$org/p/$project/configuration/$section");

export function ConfigurationPage() {
  const { org, project, section } = route.useParams();
  const { edit } = route.useSearch();
  const navigate = useNavigate();
  return (
    <Configuration
      section={section}
      edit={edit}
      params={{ org, project }}
      onEdit={(next) =>
        void navigate({
          to: "/app/$org/p/$project/configuration/$section",
          params: { org, project, section },
          search: next ? { edit: next } : {},
        })
      }
    />
  );
}
